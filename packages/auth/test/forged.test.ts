import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from "jose"
import { AuthInternals } from "../src/internal/AuthInternals.ts"
import { start } from "./support/start.ts"

/** A server that a token's header may lead to, and who has come. */
const lure = Effect.acquireRelease(
  Effect.promise(async () => {
    const visits: Array<string> = []
    const server = createServer((request, answer) => {
      visits.push(request.url ?? "")
      answer.end("{}")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return { server, visits, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }),
  ({ server }) => Effect.sync(() => server.close())
)

const base64 = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64url")

const tables = ["auth_api_keys", "auth_sessions", "auth_grants", "auth_delegations", "auth_identity_keys"]

describe("what is forged, as a request shows it", () => {
  it.effect(
    "is 401 wherever it is shown, leads nowhere, and changes nothing (abuse 1, abuse 2, abuse 3, abuse 4, abuse 8, abuse 9, abuse 10)",
    () =>
      Effect.gen(function* () {
        const app = yield* start
        const ada = yield* app.user("ada")
        yield* app.call(`${ada.path}::grantPerm`, { node: "/", perms: 15 })
        const { keyRing } = yield* app.get(AuthInternals)
        const { url, visits } = yield* lure
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        const issuer = "http://localhost"
        const claims: JWTPayload = { iss: issuer, aud: issuer, sub: ada.id, jti: "t", gen: 0, iat: now, exp: now + 600 }
        const [own] = keyRing.verifying.values()
        const stranger = yield* Effect.promise(() => generateKeyPair("EdDSA", { extractable: true }))
        const theirs = yield* Effect.promise(() => exportJWK(stranger.publicKey))
        const ours = own && (yield* Effect.promise(() => exportJWK(own.key)))
        const { kid, privateKey } = keyRing.active
        const sign = (
          header: Readonly<Record<string, unknown>> = {},
          payload: Readonly<Record<string, unknown>> = {},
          key: Parameters<SignJWT["sign"]>[0] = privateKey
        ) =>
          Effect.promise(() =>
            // Boundary: what a test forges is not to be right. What is `undefined` is left out.
            new SignJWT(JSON.parse(JSON.stringify({ ...claims, ...payload })) as JWTPayload)
              .setProtectedHeader(
                JSON.parse(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid, ...header })) as JWTHeaderParameters
              )
              .sign(key)
          )
        // The refusals below mean something: the same, right in all, is good.
        expect(yield* app.status("/who", { token: yield* sign() })).toBe(200)

        const text = new TextEncoder().encode(String(ours?.x).padEnd(32))
        const good = yield* sign()
        const forged = [
          new UnsecuredJWT(claims).encode(),
          `${base64({ alg: "None", typ: "at+jwt", kid })}.${base64(claims)}.`,
          `${good.split(".").slice(0, 2).join(".")}.`,
          yield* sign({ alg: "HS256" }, {}, text),
          yield* sign({ jwk: theirs }, {}, stranger.privateKey),
          yield* sign({ jku: `${url}/jku`, kid: undefined }, {}, stranger.privateKey),
          yield* sign({ jku: `${url}/jku`, x5u: `${url}/x5u` }, {}, stranger.privateKey),
          yield* sign({ kid: "../../etc/passwd" }),
          yield* sign({ kid: "' OR 1=1--" }),
          yield* sign({ kid: "x".repeat(10_000) }),
          ...(yield* Effect.forEach(
            [undefined, [issuer], [issuer, "x"], `${issuer}.evil`, `${issuer}/`, "HTTP://LOCALHOST"],
            (aud) => sign({}, { aud })
          )),
          ...(yield* Effect.forEach(
            [undefined, "JWT", "id+jwt", "webhook+jwt", "portico-view+jwt", "portico-delegation+jwt"],
            (typ) => sign({ typ })
          )),
          ...(yield* Effect.forEach(
            [
              { exp: now - 61 },
              { nbf: now + 62 },
              { iat: now + 62, exp: now + 99 },
              { exp: "soon" },
              { exp: 1e308 },
              { iss: url }
            ],
            (payload) => sign({}, payload)
          ))
        ]
        const kept = Effect.all([app.kernel.seq, Effect.forEach(tables, (table) => app.rows(`SELECT * FROM ${table}`))])
        const before = yield* kept
        const change = { path: "/identities/ada::update", params: { props: { name: "Eve" } } }
        for (const [at, token] of forged.entries()) {
          const answers = [
            yield* app.status("/who", { token }),
            yield* app.status("/who/optional", { token }),
            yield* app.status("/api/call", { token, json: change }),
            yield* app.status("/gateway/v1/internal/who", { token })
          ]
          expect([at, answers]).toEqual([at, [401, 401, 401, 401]])
        }
        expect(yield* kept).toEqual(before)
        expect(visits).toEqual([])
        // However many there are, the audit log grows by a line a minute.
        expect(yield* app.rows("SELECT id FROM auth_audit WHERE event = 'credential.refused'")).toHaveLength(1)
      })
  )
})
