import type { DatabaseError } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose"
import { skew } from "../clockSkew.ts"
import { importForeignKeySet } from "../keys/foreignKeySet.ts"
import type { ForeignKeys } from "../keys/foreignKeys.ts"
import type { Replays } from "../proof/replays.ts"

/** Seconds that an assertion may be good for. */
const longest = 3_600

/** Where the keys of whoever asserts something are. */
export type KeySource = { readonly jwks: unknown } | { readonly url: string }

export interface AssertionOptions {
  readonly foreignKeys: ForeignKeys
  readonly replays: Replays
  /** Any one of them, exactly. */
  readonly audiences: ReadonlyArray<string>
}

/** A JWT with which somebody asserts something (RFC 7521, 7523), once. Fails with why it is refused, for the audit log. */
export type VerifyAssertion = (
  assertion: string,
  expected: { readonly keys: KeySource; readonly issuer: string }
) => Effect.Effect<JWTPayload & { readonly sub: string }, string | DatabaseError>

/** What an assertion says, before anything of it is believed: whom to ask for the keys. */
export const unverifiedIssuer = (assertion: string): string | undefined => {
  try {
    const { iss } = decodeJwt(assertion)
    return typeof iss === "string" ? iss : undefined
  } catch {
    return undefined
  }
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, string> =>
  Effect.tryPromise({ try: run, catch: (cause) => (cause instanceof Error ? cause.message : "malformed") })

export const makeVerifyAssertion =
  ({ audiences, foreignKeys, replays }: AssertionOptions): VerifyAssertion =>
  (assertion, { issuer, keys }) =>
    Effect.gen(function* () {
      if (assertion.length > 16_384) return yield* Effect.fail("too long")
      const header = yield* attempt(async () => decodeProtectedHeader(assertion))
      // RFC 8725, section 3.11: what says that it is something else is not taken for an assertion.
      if (header.typ !== undefined && header.typ.toUpperCase() !== "JWT") return yield* Effect.fail("of another type")
      const wanted = { alg: header.alg ?? "", ...(header.kid === undefined ? {} : { kid: header.kid }) }
      const key = "url" in keys ? yield* foreignKeys.keyFor(keys.url, wanted) : yield* ownKey(keys.jwks, wanted)
      const now = yield* Clock.currentTimeMillis
      const { payload } = yield* attempt(() =>
        jwtVerify(assertion, key, {
          algorithms: [wanted.alg],
          issuer,
          requiredClaims: ["sub", "exp"],
          clockTolerance: skew,
          currentDate: new Date(now)
        })
      )
      const aud = Array.isArray(payload.aud) && payload.aud.length === 1 ? payload.aud[0] : payload.aud
      if (typeof aud !== "string" || !audiences.includes(aud)) return yield* Effect.fail("for somebody else")
      const { exp, iat, jti, sub } = payload
      if (typeof sub !== "string" || sub === "") return yield* Effect.fail("about nobody")
      if (!Number.isSafeInteger(exp) || Number(exp) > now / 1_000 + longest + skew) {
        return yield* Effect.fail("good for too long")
      }
      if (iat !== undefined && iat > now / 1_000 + skew) return yield* Effect.fail("issued in the future")
      const seen = typeof jti === "string" ? `${issuer} ${jti}` : assertion
      const first = yield* replays.isFirst("assertion", seen, (Number(exp) + skew) * 1_000)
      return first ? { ...payload, sub } : yield* Effect.fail("used before")
    })

const ownKey = (jwks: unknown, header: { readonly alg: string; readonly kid?: string }) =>
  Effect.gen(function* () {
    const set = yield* Effect.promise(() => importForeignKeySet(jwks))
    const key = Result.isSuccess(set) ? set.success.find(header) : undefined
    return key ?? (yield* Effect.fail("unknown key"))
  })
