import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from "jose"
import { makeAccessTokens } from "../../src/internal/accessTokens.ts"
import { makeDelegationTokens } from "../../src/internal/delegation/delegationTokens.ts"
import { generateKeys } from "../../src/internal/keys/signingKeys.ts"
import { makeKey, world } from "./world.ts"

const issuer = "https://portico.example"

const setup = Effect.gen(function* () {
  const keys = yield* generateKeys
  const tokens = makeDelegationTokens(issuer, keys)
  const claims = { iss: issuer, aud: issuer, sub: "r", jti: "d", chain: ["d"], iat: 0, exp: 600 }
  /** A token that is right but for what is changed; `undefined` leaves it out. */
  const forge = (payload: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = keys.active) =>
    Effect.promise(() => {
      const head = { alg: "EdDSA", typ: "portico-delegation+jwt", kid: keys.active.kid, ...header }
      // Boundary: forged headers and claims are just what the types are to keep out.
      return new SignJWT({ ...claims, ...payload } as JWTPayload)
        .setProtectedHeader(JSON.parse(JSON.stringify(head)) as JWTHeaderParameters)
        .sign(key.privateKey)
    })
  return { keys, tokens, forge, claims }
})

describe("a token of another kind (abuse 9)", () => {
  it.effect("is no delegation, though it is signed by the same key", () =>
    Effect.gen(function* () {
      const { forge, tokens } = yield* setup
      expect((yield* tokens.verify(yield* forge())).root).toBe("r")
      for (const typ of [
        "at+jwt",
        "JWT",
        "id+jwt",
        "portico-call+jwt",
        "portico-webhook+jwt",
        "portico-view+jwt",
        "portico-key-proof+jwt",
        "portico-enrolment+jwt",
        "dpop+jwt",
        undefined
      ]) {
        expect([typ, yield* Effect.flip(tokens.verify(yield* forge({}, { typ })))]).toEqual([typ, expect.any(String)])
      }
    })
  )

  it.effect("is not what a delegation is taken for", () =>
    Effect.gen(function* () {
      const { forge, keys } = yield* setup
      const access = makeAccessTokens({ issuer, lifetime: 900, keys })
      yield* Effect.flip(access.verify(yield* forge()))
    })
  )

  it.effect("is refused at the door, an access token and a delegation each where the other belongs", () =>
    Effect.gen(function* () {
      const { ada, auth, minted, status } = yield* world
      const key = yield* makeKey
      const { credential } = yield* minted(ada.key, ada.path, { ttl: 60 })
      const { token } = yield* auth.issueAccessToken(ada.id)
      const [header, payload, signature] = credential.split(".")
      const [otherHeader, otherPayload, otherSignature] = token.split(".")
      expect(yield* status(`${header}.${otherPayload}.${otherSignature}`, "/projects::get")).toBe(401)
      expect(yield* status(`${otherHeader}.${payload}.${signature}`, "/projects::get")).toBe(401)
      expect(yield* status(yield* key.prove(ada.id), "/projects::get")).toBe(401)
    })
  )
})

describe("a forged delegation", () => {
  it.effect("is refused, whatever its header or claims say", () =>
    Effect.gen(function* () {
      const { claims, forge, tokens } = yield* setup
      const stranger = yield* setup
      const jwk = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) }
      const forged = [
        new UnsecuredJWT(claims).encode(),
        yield* forge({}, {}, stranger.keys.active),
        yield* forge({}, { kid: stranger.keys.active.kid }, stranger.keys.active),
        yield* forge({}, { kid: undefined, jwk }),
        yield* forge({}, { kid: "../../etc/passwd", jku: "https://evil.example/jwks" }),
        yield* forge({ iss: "https://evil.example" }),
        yield* forge({ aud: `${issuer}.evil` }),
        yield* forge({ aud: `${issuer}/` }),
        yield* forge({ aud: [issuer, "x"] }),
        yield* forge({ aud: [issuer] }),
        yield* forge({ aud: undefined }),
        yield* forge({ exp: 0 }),
        yield* forge({ exp: undefined }),
        yield* forge({ iat: 61 }),
        yield* forge({ iat: 0.5 }),
        yield* forge({ nbf: 1 }),
        yield* forge({ jti: undefined }),
        yield* forge({ sub: undefined }),
        yield* forge({ chain: undefined }),
        yield* forge({ chain: [] }),
        yield* forge({ chain: ["other"] }),
        yield* forge({ chain: [1, "d"] })
      ]
      for (const [index, token] of forged.entries()) {
        const outcome = yield* Effect.flip(tokens.verify(token))
        expect([index, typeof outcome]).toEqual([index, "string"])
      }
    })
  )

  it.effect("that this instance's key did sign, but nobody minted, is worth nothing", () =>
    Effect.gen(function* () {
      const { ada, minted, rows, status, database } = yield* world
      const { credential, id } = yield* minted(ada.key, ada.path, { ttl: 60 })
      expect(yield* status(credential, "/projects::get")).toBe(200)
      yield* database.write((tx) => Effect.succeed(tx.prepare("DELETE FROM auth_delegations WHERE id = ?").run(id)))
      expect(yield* status(credential, "/projects::get")).toBe(401)
      const [line] = yield* rows("SELECT details FROM auth_audit WHERE event = 'credential.refused'")
      expect(JSON.parse(String(line?.details))).toEqual({
        kind: "delegation",
        reason: "a credential of its chain is not known"
      })
    })
  )
})
