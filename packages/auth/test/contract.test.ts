import { describe, it } from "@effect/vitest"
import { Authenticator } from "@portico/gate"
import { authenticatorContract, KnownRequests } from "@portico/gate/testing"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { start } from "./support/start.ts"

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** One letter in the middle of the secret or signature is another one: the last letter of base64url may mean nothing. */
const spoiled = (token: string) => {
  const at = token.length - 12
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`
}

/** A product whose person shows a credential of this kind. */
const underTest = (kind: "API key" | "access token") =>
  Layer.effectContext(
    Effect.gen(function* () {
      const app = yield* start
      const { id, key, keyId, path } = yield* app.user("ada")
      const short = yield* app.auth.apiKeys.create(id, { name: "short", expiresIn: 60 })
      yield* TestClock.adjust("2 minutes")
      const { token } = yield* app.auth.issueAccessToken(id)
      const operator = app.operatorToken()
      const shown = kind === "API key" ? key : token
      const known: KnownRequests["Service"] = {
        person: { headers: bearer(shown), secret: shown, caller: { id, kind: "User", name: "ada", operator: false } },
        operator: {
          headers: bearer(operator),
          secret: operator,
          caller: {
            id: (yield* app.auth.verify(operator)).id,
            kind: "Service",
            name: "Operator",
            operator: true
          }
        },
        refused: {
          malformed: { authorization: key },
          "of another scheme": { authorization: `Basic ${btoa(`ada:${key}`)}` },
          empty: bearer(""),
          unknown: bearer(`portico_${"0".repeat(20)}_${"A".repeat(43)}`),
          "off by a letter": bearer(spoiled(shown)),
          expired: bearer(short.key)
        },
        revoke: kind === "API key" ? app.auth.apiKeys.revoke(id, keyId) : app.call(`${path}::delete`)
      }
      return Context.make(Authenticator, yield* app.get(Authenticator)).pipe(Context.add(KnownRequests, known))
    })
  )

describe("the Authenticator of the auth module", () => {
  for (const kind of ["API key", "access token"] as const) {
    describe(`shown an ${kind}`, () => {
      for (const { check, name } of authenticatorContract(underTest(kind))) it.effect(name, () => check)
    })
  }
})
