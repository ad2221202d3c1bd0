import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Slug from "../src/Slug.ts"

const accepted = (text: string): string => Result.getOrThrow(Slug.parse(text))
const refused = (text: string): boolean => Result.isFailure(Slug.parse(text))

describe("Slug.parse", () => {
  it.each([
    "a",
    "A-b_c.d~e",
    "0",
    "...",
    ".hidden",
    "class.Contact",
    "crm.example.dev",
    "Größe",
    "café-2",
    "проект",
    "Ελλάδα",
    "東京タワー",
    "서울",
    "ㄅㄆ",
    "مشروع",
    "פרויקט",
    "परियोजना",
    "โครงการ",
    "x".repeat(128),
    "я".repeat(64)
  ])("takes %s", (text) => {
    expect(accepted(text)).toBe(text.normalize("NFC"))
    expect(Slug.is(accepted(text))).toBe(true)
  })

  it.each([
    ["empty", ""],
    ["dot", "."],
    ["dot dot", ".."],
    ["a slash", "a/b"],
    ["a colon", "a:b"],
    ["an at sign", "a@b"],
    ["a percent sign", "%2e%2e"],
    ["a space", "a b"],
    ["a control character", "a\u0001"],
    ["NUL", "a\0"],
    ["a zero-width space", "a\u200b"],
    ["a zero-width joiner", "a\u200d"],
    ["a word joiner", "a\u2060"],
    ["a soft hyphen", "a\u00ad"],
    ["a byte order mark", "\ufeffa"],
    ["a right-to-left override", "a\u202eb"],
    ["a right-to-left isolate", "\u2067a"],
    ["a Hangul filler", "\u3164"],
    ["a variation selector", "a\ufe0f"],
    ["a lone mark", "\u0301"],
    ["a stacked mark", "a\u0301\u0302\u0303"],
    ["an emoji", "🚀"],
    ["a lone surrogate", "a\ud800"],
    ["Latin with a Cyrillic а", "pаypal"],
    ["Latin with a Greek ο", "gοogle"],
    ["Hiragana with Hangul", "あ서"],
    ["Cherokee", "ᎠᎡ"],
    ["a modifier that looks like a colon", "aː"],
    ["a full-width full stop", "\uff0e"],
    ["129 bytes", "x".repeat(129)],
    ["130 bytes in 65 letters", "я".repeat(65)]
  ])("refuses %s", (_what, text) => {
    expect(refused(text)).toBe(true)
    expect(Slug.is(text)).toBe(false)
  })

  it("makes one slug of a text and its decomposed twin", () => {
    expect(accepted("cafe\u0301")).toBe("café")
    expect(accepted("가")).toBe("가")
    expect(Slug.is("cafe\u0301")).toBe(false)
  })

  it.prop("is idempotent, and what it takes is a slug", [Schema.String], ([text]) => {
    const result = Slug.parse(text)
    if (Result.isSuccess(result)) {
      expect(Slug.parse(result.success)).toEqual(result)
      expect(Slug.is(result.success)).toBe(true)
    } else expect(Slug.is(text)).toBe(false)
  })
})

describe("Slug.from", () => {
  it("keeps what can stay and escapes the rest", () => {
    expect(Slug.from("INV-2024_001.a")).toBe("INV-2024_001.a")
    expect(Slug.from("ada@example.com")).toBe("ada~40example.com")
    expect(Slug.from("a~b")).toBe("a~7Eb")
    expect(Slug.from("я")).toBe("~D1~8F")
    expect(Slug.from("")).toBe("~")
    expect(Slug.from(".")).toBe("~2E")
    expect(Slug.from("..")).toBe("~2E~2E")
  })

  it("hashes what is too long", () => {
    const long = Slug.from("x".repeat(129))
    expect(long).toMatch(/^~~[0-9a-f]{64}$/)
    expect(Slug.from("x".repeat(130))).not.toBe(long)
    expect(Slug.from("x".repeat(128))).toBe("x".repeat(128))
  })

  it("tells apart what UTF-8 would not", () => {
    expect(Slug.from("\ud800")).not.toBe(Slug.from("\udfff"))
    expect(Slug.from("\ud800")).not.toBe(Slug.from("\ufffd"))
    expect(Slug.from("cafe\u0301")).not.toBe(Slug.from("café"))
  })

  it.prop("gives a slug for any string, and another for any other", [Schema.String, Schema.String], ([a, b]) => {
    expect(Slug.is(Slug.from(a))).toBe(true)
    expect(Slug.from(a) === Slug.from(b)).toBe(a === b)
    // A slug that comes out is no fixed point unless it says itself: nesting stays injective.
    expect(Slug.from(Slug.from(a)) === Slug.from(a)).toBe(!Slug.from(a).includes("~"))
  })
})

describe("look-alikes", () => {
  it.each([
    ["раура", "paypa"],
    ["ЅСОРЕ", "SCOPE"],
    ["Αθ", "Aθ"],
    ["ο", "o"],
    ["ӏ", "l"],
    ["ѕсоре", "scope"],
    ["ë", "ё"],
    ["ｆｏｏ", "foo"],
    ["ﬁ", "fi"],
    ["ıd", "id"],
    ["օ", "o"],
    ["٠", "۰"],
    ["١", "1"],
    ["۱", "1"],
    ["ا", "l"],
    ["ו", "l"],
    ["α", "а"]
  ])("%s looks like %s", (a, b) => {
    expect(Slug.confusable(a, b)).toBe(true)
  })

  it.each([
    ["l", "1"],
    ["O", "0"],
    ["rn", "m"],
    ["a", "A"],
    ["проект", "продукт"],
    ["é", "e"]
  ])("%s does not count as looking like %s", (a, b) => {
    expect(Slug.confusable(a, b)).toBe(false)
  })

  it.prop("two ASCII slugs never look alike", [Schema.String, Schema.String], ([a, b]) => {
    const ascii = (text: string) => [...text].map((char) => String.fromCharCode(char.charCodeAt(0) % 128)).join("")
    expect(Slug.confusable(ascii(a), ascii(b))).toBe(false)
  })

  it.prop("a skeleton looks like itself", [Schema.String], ([text]) => {
    expect(Slug.skeleton(Slug.skeleton(text))).toBe(Slug.skeleton(text))
  })
})
