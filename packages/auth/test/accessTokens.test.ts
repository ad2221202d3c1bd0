import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from "jose"
import { makeAccessTokens } from "../src/internal/accessTokens.ts"
import { generateKeys, type SigningKeys } from "../src/internal/keys/signingKeys.ts"

const issuer = "https://portico.example"
const start = 1_750_000_000
const lifetime = 900

const setup = Effect.gen(function* () {
  yield* TestClock.setTime(start * 1_000)
  const keys = yield* generateKeys
  const tokens = makeAccessTokens({ issuer, lifetime, keys })
  const refused = (token: string) => Effect.flip(tokens.verify(token))
  return { keys, tokens, refused }
})

const claims: JWTPayload = { iss: issuer, aud: issuer, sub: "id-1", jti: "t", iat: start, exp: start + lifetime }

/** A token that is right but for what is changed. `undefined` leaves a claim or a header out. */
const forge = (
  keys: SigningKeys,
  change: { readonly payload?: Record<string, unknown>; readonly header?: Record<string, unknown> } = {},
  key: Parameters<SignJWT["sign"]>[0] = keys.active.privateKey
) =>
  Effect.promise(() => {
    const header = { alg: "EdDSA", typ: "at+jwt", kid: keys.active.kid, ...change.header }
    return new SignJWT({ ...claims, ...change.payload } as JWTPayload)
      .setProtectedHeader(JSON.parse(JSON.stringify(header)) as JWTHeaderParameters)
      .sign(key)
  })

const base64 = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64url")

describe("an access token", () => {
  it.effect("that was issued here says for whom and until when", () =>
    Effect.gen(function* () {
      const { tokens } = yield* setup
      const { expiresAt, token } = yield* tokens.issue({ identity: "id-1" })
      expect(expiresAt).toBe((start + lifetime) * 1_000)
      expect(yield* tokens.verify(token)).toMatchObject({ identity: "id-1", expiresAt })
    })
  )

  it.effect("made by hand with all that is needed is good, so that the refusals below mean something", () =>
    Effect.gen(function* () {
      const { keys, tokens } = yield* setup
      expect((yield* tokens.verify(yield* forge(keys))).identity).toBe("id-1")
    })
  )

  it.effect("without a signature is refused, however `alg` spells none (abuse 1)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      yield* refused(new UnsecuredJWT(claims).encode())
      for (const alg of ["none", "None", "NONE", "", "HS256"]) {
        const head = base64({ alg, typ: "at+jwt", kid: keys.active.kid })
        yield* refused(`${head}.${base64(claims)}.`)
      }
      const [head, payload] = (yield* forge(keys)).split(".")
      yield* refused(`${head}.${payload}.`)
      yield* refused(`${head}.${payload}`)
    })
  )

  it.effect("signed with HMAC under the public key is refused (abuse 2)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      const [verifying] = keys.verifying.values()
      const jwk = verifying && (yield* Effect.promise(() => exportJWK(verifying.key)))
      for (const secret of [JSON.stringify(jwk), jwk?.x ?? "", "x".repeat(32)]) {
        yield* refused(yield* forge(keys, { header: { alg: "HS256" } }, new TextEncoder().encode(secret.padEnd(32))))
      }
    })
  )

  it.effect("that brings a key of its own is refused, and nothing is fetched (abuse 3)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      const stranger = yield* Effect.promise(() => generateKeyPair("EdDSA", { extractable: true }))
      const jwk = yield* Effect.promise(() => exportJWK(stranger.publicKey))
      const fetched: Array<unknown> = []
      const original = globalThis.fetch
      globalThis.fetch = (input) => {
        fetched.push(input)
        return Promise.reject(new Error("no network here"))
      }
      for (const header of [
        { jwk },
        { jku: "http://127.0.0.1:1/jwks" },
        { x5u: "http://127.0.0.1:1/cert" },
        { jwk, kid: undefined },
        { jwk, kid: "theirs" }
      ]) {
        yield* refused(yield* forge(keys, { header }, stranger.privateKey))
      }
      globalThis.fetch = original
      expect(fetched).toEqual([])
    })
  )

  it.effect("with a `kid` that is a path, a query, huge, missing or not a string is refused (abuse 4)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      for (const kid of ["../../etc/passwd", "' OR 1=1--", "x".repeat(10_000), "__proto__", undefined, 7, null]) {
        const reason = yield* refused(yield* forge(keys, { header: { kid } }))
        expect(reason).toBe("unknown key")
      }
    })
  )

  it.effect("is refused unless its audience is exactly this instance (abuse 8)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      for (const aud of [
        undefined,
        [issuer, "https://other.example"],
        [issuer],
        `${issuer}.evil`,
        `${issuer}/`,
        issuer.toUpperCase(),
        "",
        null,
        7
      ]) {
        yield* refused(yield* forge(keys, { payload: { aud } }))
      }
    })
  )

  it.effect("of another issuer is refused", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      for (const iss of [undefined, "https://other.example", `${issuer}/`, [issuer]]) {
        yield* refused(yield* forge(keys, { payload: { iss } }))
      }
    })
  )

  it.effect("is refused if it is a token for something else (abuse 9)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      for (const typ of [undefined, "JWT", "id+jwt", "webhook+jwt", "view+jwt", "delegation+jwt", "at+jwt+x"]) {
        yield* refused(yield* forge(keys, { header: { typ } }))
      }
    })
  )

  it.effect("is good for up to a minute beyond its time, as clocks differ, and not longer", () =>
    Effect.gen(function* () {
      const { keys, refused, tokens } = yield* setup
      yield* tokens.verify(yield* forge(keys, { payload: { iat: start + 59, exp: start + 99 } }))
      yield* tokens.verify(yield* forge(keys, { payload: { nbf: start + 59 } }))
      yield* tokens.verify(yield* forge(keys, { payload: { iat: start - 100, exp: start - 59 } }))
      yield* refused(yield* forge(keys, { payload: { iat: start + 62, exp: start + 99 } }))
      yield* refused(yield* forge(keys, { payload: { nbf: start + 62 } }))
      yield* refused(yield* forge(keys, { payload: { iat: start - 100, exp: start - 61 } }))
    })
  )

  it.effect("with times that are missing, no numbers, or beyond reason is refused (abuse 10)", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      for (const payload of [
        { exp: undefined },
        { iat: undefined },
        { exp: String(start + 60) },
        { iat: "now" },
        { nbf: "soon" },
        { exp: 1e308 },
        { iat: -1e308 },
        { exp: start + 0.5 },
        { exp: 2 ** 60 },
        { exp: start + lifetime + 1 },
        { exp: start - 1, iat: start },
        { iat: 0 },
        { sub: undefined },
        { sub: "" },
        { jti: undefined }
      ]) {
        yield* refused(yield* forge(keys, { payload }))
      }
    })
  )

  it.effect("that is not a token at all is refused", () =>
    Effect.gen(function* () {
      const { keys, refused } = yield* setup
      const [head = "", payload = "", signature = ""] = (yield* forge(keys)).split(".")
      const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
      for (const token of [
        "",
        ".",
        "..",
        "....",
        "x",
        `${head}.${payload}.${flipped}`,
        `${head}.${base64({ ...claims, sub: "root" })}.${signature}`,
        `${head}.${payload}.${signature}.x`,
        `${base64([])}.${payload}.${signature}`,
        `${head}.${base64(null)}.${signature}`
      ]) {
        yield* refused(token)
      }
    })
  )

  it.effect("stays good when a new key signs, for as long as its own key is kept", () =>
    Effect.gen(function* () {
      const { keys: old, tokens } = yield* setup
      const { token } = yield* tokens.issue({ identity: "id-1" })
      const fresh = yield* generateKeys
      const both: SigningKeys = { ...fresh, verifying: new Map([...fresh.verifying, ...old.verifying]) }
      yield* makeAccessTokens({ issuer, lifetime, keys: both }).verify(token)
      yield* Effect.flip(makeAccessTokens({ issuer, lifetime, keys: fresh }).verify(token))
    })
  )
})
