import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { contains } from "../src/internal/pattern/charSet.ts"
import { linearTimeProblem } from "../src/internal/pattern/linearTime.ts"
import { type Pattern, parsePattern } from "../src/internal/pattern/parsePattern.ts"

describe("patterns that take linear time", () => {
  it.each([
    "^a+$",
    "^[^@]+@[^@]+$",
    "^(\\+|00)?[0-9]{4,15}$",
    "^[a-z0-9]{1,63}(\\.[a-z0-9]{1,63})*$",
    "^[a-z]+(-[a-z]+)*$",
    "^-?[0-9]+$",
    "^\\d{4}-\\d{2}-\\d{2}$",
    "^https?://[^\\s]+$",
    "^\\S+(\\s+\\S+)*$",
    "^(?:a|b|cd)*e?$",
    "^[\\p{L}\\p{N}]+$",
    "^(?<year>[0-9]{4})$",
    "^\\u{1F600}[\\u0041-\\u005a\\x30]*$",
    "^a[\\s\\S]*?$",
    "^(?:[0-9]{4}-[0-9]{2}|[0-9]{2}\\/[0-9]{4})$",
    "@",
    "[0-9]{3}",
    ""
  ])("takes %s", (pattern) => {
    expect(linearTimeProblem(pattern)).toBeUndefined()
  })

  it.each([
    ["^(a+)+$", "a quantifier in a quantifier"],
    ["^(a*)*$", "may be empty"],
    ["^(a|a)*$", "choices that overlap"],
    ["^(ab|a|b)*$", "choices that overlap"],
    ["^(x+x+)+y$", "a quantifier in a quantifier"],
    ["^\\d*\\d*$", "ever more ways"],
    ["^\\s+\\s+$", "ever more ways"],
    ["^(a?){30}a{30}$", "ever more ways"],
    ["^a{1,50}a{1,50}a{1,50}$", "ever more ways"],
    ["^[^\\p{L}]*[^\\p{L}]*$", "ever more ways"],
    ["^([a-z]+)*$", "a quantifier in a quantifier"],
    ["\\s+$", "begin it with ^"],
    ["[a-z]+[0-9]", "begin it with ^"],
    ["^(a)\\1$", "a backreference"],
    ["^(?<x>a)\\k<x>$", "a backreference"],
    ["^(?=a)a$", "a lookahead"],
    ["^(?!b)a$", "a lookahead"],
    ["(?<=a)b", "a lookbehind"],
    ["^.{0,100000}$", "maxLength"],
    ["(", "not a regular expression"],
    ["^(?i:a)$", "flags"],
    [`^${"(".repeat(40)}a${")".repeat(40)}$`, "nested too deep"],
    ["a".repeat(1_001), "at most 1000 characters"]
  ])("refuses %s", (pattern, why) => {
    expect(linearTimeProblem(pattern)).toContain(why)
  })

  it("decides in bounded time, whatever it is given", () => {
    const hostile = [
      `^${"(a?)".repeat(240)}$`,
      `^(${"a|".repeat(490)}a)*$`,
      "^(((((a{1,9}){1,9}){1,9}){1,9}){1,9})$",
      `^(${"[a-z]{1,50}".repeat(80)})$`,
      "^.*a.{20}$",
      `^(.*)(${"a.*".repeat(300)})$`
    ]
    for (const pattern of hostile) {
      const begin = performance.now()
      linearTimeProblem(pattern)
      expect(performance.now() - begin, pattern).toBeLessThan(1_000)
    }
  })
})

describe("against a backtracking matcher that counts its steps", () => {
  const chars = ["a", "b", "[ab]", ".", "c"]
  const quantifiers = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "*?"]

  const piece = Arbitrary.all({
    atom: Arbitrary.schema(Schema.Literals(chars)),
    quantifier: Arbitrary.schema(Schema.Literals([...new Set(quantifiers)]))
  }).pipe(Arbitrary.map(({ atom, quantifier }) => atom + quantifier))
  const sequence = Arbitrary.array(piece, { maxLength: 3 }).pipe(Arbitrary.map((parts) => parts.join("")))
  const group = Arbitrary.all({
    options: Arbitrary.array(sequence, { minLength: 1, maxLength: 3 }),
    quantifier: Arbitrary.schema(Schema.Literals([...new Set(quantifiers)]))
  }).pipe(Arbitrary.map(({ options, quantifier }) => `(${options.join("|")})${quantifier}`))
  const pattern = Arbitrary.all({ anchored: Arbitrary.schema(Schema.Boolean), a: group, b: sequence, c: group }).pipe(
    Arbitrary.map(({ anchored, a, b, c }) => `${anchored ? "^" : ""}${a}${b}${c}$`)
  )
  const text = Arbitrary.array(Arbitrary.schema(Schema.Literals(["a", "b", "ab", "aaaa"])), { maxLength: 30 }).pipe(
    Arbitrary.map((parts) => `${parts.join("")}!`)
  )

  it.prop(
    "what is taken needs a bounded number of steps for each character",
    [pattern, text],
    ([source, subject]) => {
      if (linearTimeProblem(source) !== undefined) return
      const steps = countSteps(parsePattern(source), source.startsWith("^"), subject)
      // 64 ways through a pattern of this size, for each character.
      expect(steps, `${source} on ${subject}`).toBeLessThan(64 * 40 * (subject.length + 1))
    },
    { arbitrary: { runs: 2_000 } }
  )

  it("sees what is catastrophic", () => {
    expect(countSteps(parsePattern("^(a+)+$"), true, `${"a".repeat(18)}!`)).toBeGreaterThan(2 ** 18)
  })
})

/** How often a naive backtracking engine looks at a part of the pattern before it gives up on `text`. */
const countSteps = (pattern: Pattern, anchored: boolean, text: string): number => {
  let steps = 0
  const limit = 2 ** 20

  const match = (part: Pattern, at: number, next: (at: number) => boolean): boolean => {
    steps++
    if (steps > limit) return true
    switch (part._tag) {
      case "Empty":
        return next(at)
      case "Start":
        return at === 0 && next(at)
      case "Chars": {
        const code = text.codePointAt(at)
        return code !== undefined && contains(part.set, code) && next(at + 1)
      }
      case "Sequence":
        return sequence(part.parts, 0, at, next)
      case "Choice":
        return part.options.some((option) => match(option, at, next))
      case "Repeat":
        return repeat(part, 0, at, next)
    }
  }
  const sequence = (
    parts: ReadonlyArray<Pattern>,
    index: number,
    at: number,
    next: (at: number) => boolean
  ): boolean => {
    const part = parts[index]
    return part === undefined ? next(at) : match(part, at, (after) => sequence(parts, index + 1, after, next))
  }
  const repeat = (
    part: Extract<Pattern, { _tag: "Repeat" }>,
    count: number,
    at: number,
    next: (at: number) => boolean
  ): boolean =>
    (count < part.max &&
      match(part.part, at, (after) => (after > at || count < part.min) && repeat(part, count + 1, after, next))) ||
    (count >= part.min && next(at))

  const starts = anchored ? [0] : [...Array(text.length + 1).keys()]
  starts.some((start) => match(pattern, start, (at) => at === text.length))
  return steps
}
