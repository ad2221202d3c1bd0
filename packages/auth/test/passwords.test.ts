import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { checkPassword, defaultCost, makePasswords } from "../src/internal/passwords.ts"

const cheap = { memory: 64, passes: 1 }

describe("a password", () => {
  it.live("is recognised by its hash, in whatever normal form it is typed", () =>
    Effect.gen(function* () {
      const passwords = yield* makePasswords(cheap)
      const stored = yield* passwords.hash("caf\u00e9 au lait, please")
      expect(yield* passwords.verify("cafe\u0301 au lait, please", stored)).toBe(true)
      expect(yield* passwords.verify("cafe au lait, please", stored)).toBe(false)
    })
  )

  it.live("is stored with its salt and cost, never twice alike", () =>
    Effect.gen(function* () {
      const passwords = yield* makePasswords()
      const [one, two] = yield* Effect.all([passwords.hash("correct horse"), passwords.hash("correct horse")])
      expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
      expect(two).not.toBe(one)
      expect(defaultCost.memory).toBeGreaterThanOrEqual(19_456)
    })
  )

  it.live("hashed at another cost is still recognised", () =>
    Effect.gen(function* () {
      const stored = yield* (yield* makePasswords(cheap)).hash("correct horse")
      const passwords = yield* makePasswords({ memory: 128, passes: 2 })
      expect(yield* passwords.verify("correct horse", stored)).toBe(true)
    })
  )

  it.live("never matches where none is stored, or the hash is damaged", () =>
    Effect.gen(function* () {
      const passwords = yield* makePasswords(cheap)
      for (const stored of [undefined, "", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "plain"]) {
        expect(yield* passwords.verify("plain", stored)).toBe(false)
      }
    })
  )

  it.effect("has a shortest and a longest length", () =>
    Effect.gen(function* () {
      const text = Array.from({ length: 1_024 }, (_, at) => String.fromCharCode(97 + ((at * at) % 23))).join("")
      yield* checkPassword(text.slice(0, 12))
      yield* checkPassword(text)
      for (const password of ["", "x".repeat(11), "x".repeat(1_025)]) {
        expect((yield* Effect.flip(checkPassword(password))).code).toBe("INVALID_PARAMS")
      }
    })
  )

  it.effect("is refused where it is among the first that are tried, and says why", () =>
    Effect.gen(function* () {
      const weak = [
        ["aaaaaaaaaaaab", "fewer than 5 different"],
        ["abcdefghijklm", "a run"],
        ["98765432109876543210", "repeats a few characters"],
        ["zyxwvutsrqpo", "a run"],
        ["Abcde7Abcde7", "repeats a few characters"],
        ["!!Password2026", "everybody tries"],
        ["ＰＡＳＳＷＯＲＤ１２３４", "everybody tries"],
        ["passwordpassword", "repeats a few characters"],
        ["Ada.Lovelace", "its person's name"]
      ] as const
      for (const [password, why] of weak) {
        const refused = yield* Effect.flip(checkPassword(password, ["ada", "ada.lovelace"]))
        expect(refused.message).toContain(why)
        expect(refused.message).not.toContain(password)
      }
      for (const good of ["correct horse battery", "violet otter runs", "password of the lighthouse", "dd7Kq!zz0Pd2"]) {
        yield* checkPassword(good, ["ada"])
      }
    })
  )
})
