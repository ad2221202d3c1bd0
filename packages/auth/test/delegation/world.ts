import { createHash, randomUUID } from "node:crypto"
import type { TestRequest } from "@portico/gate/testing"
import { K } from "@portico/schema"
import { Clock, Effect } from "effect"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose"
import { start } from "../support/start.ts"

export const issuer = "http://localhost"

/** What a call over HTTP was answered. */
export interface Answered {
  readonly status: number
  readonly result: unknown
  readonly code: string | undefined
  readonly details: unknown
}

export interface MintedCredential {
  readonly id: string
  readonly credential: string
  readonly tokenType: string
  readonly audience: string
  readonly expiresAt: number
  readonly chain: ReadonlyArray<string>
}

/** An instance with two folders and people; everything is asked over HTTP, as a client would. */
export const world = Effect.gen(function* () {
  const app = yield* start
  for (const path of ["/projects", "/projects/apollo", "/projects/apollo/plan", "/secrets"]) {
    yield* app.call(K.Node.createNode.path, { class: K.Folder.ref, path })
  }

  const send = (token: string, path: string, params: unknown, init: TestRequest = {}) =>
    Effect.map(
      app.request("/api/call", { method: "POST", json: { path, params }, ...(token === "" ? {} : { token }), ...init }),
      ({ json, status }): Answered => {
        // Boundary: the shape of every answer of the instance.
        const body = json as { result?: unknown; error?: { code: string; details?: unknown } }
        return { status, result: body.result, code: body.error?.code, details: body.error?.details }
      }
    )

  const mint = (token: string, identity: string, params: unknown, init?: TestRequest) =>
    send(token, `${identity}::mintDelegationCredential`, params, init)

  /** A credential, or the test is over. */
  const minted = (token: string, identity: string, params: unknown, init?: TestRequest) =>
    Effect.flatMap(mint(token, identity, params, init), (answer) =>
      answer.status === 200
        ? Effect.succeed(answer.result as MintedCredential)
        : Effect.die(new Error(`not minted: ${JSON.stringify(answer)}`))
    )

  const status = (token: string, path: string, params: unknown = {}, init?: TestRequest) =>
    Effect.map(send(token, path, params, init), (answer) => answer.status)

  const grant = (identity: string, node: string, perms: ReadonlyArray<string>) =>
    app.call(`${identity}::grantPerm`, { node, perms })
  const revoke = (identity: string, node: string, perms: ReadonlyArray<string>) =>
    app.call(`${identity}::revokePerm`, { node, perms })

  const ada = yield* app.user("ada")
  yield* grant(ada.path, "/projects", ["READ", "EDIT", "USE", "SHARE"])
  yield* grant(ada.path, "/secrets", ["READ"])
  return { ...app, send, mint, minted, status, grant, revokeGrant: revoke, ada }
})

/** A key pair of a client, and what it signs. */
export const makeKey = Effect.promise(async () => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
  const { x = "" } = await exportJWK(publicKey)
  const jwk = { kty: "OKP", crv: "Ed25519", x } as const
  const jkt = await calculateJwkThumbprint(jwk)

  /** A statement as `registerIdentity` wants it, but for what is changed. */
  const prove = (sub: string, change: Readonly<Record<string, unknown>> = {}, typ = "portico-key-proof+jwt") =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.promise(() =>
        new SignJWT({ aud: issuer, sub, iat: Math.floor(now / 1_000), ...change })
          .setProtectedHeader({ alg: "EdDSA", typ })
          .sign(privateKey)
      )
    )

  /** A DPoP proof for one request, but for what is changed; and how it is shown. */
  const dpop = (credential: string, change: Readonly<Record<string, unknown>> = {}, path = "/api/call") =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.promise(() => {
        const ath = createHash("sha256").update(credential).digest("base64url")
        const claims = { htm: "POST", htu: `${issuer}${path}`, iat: Math.floor(now / 1_000), jti: randomUUID(), ath }
        return new SignJWT({ ...claims, ...change })
          .setProtectedHeader({ alg: "EdDSA", typ: "dpop+jwt", jwk })
          .sign(privateKey)
      })
    )

  const shown = (credential: string, change: Readonly<Record<string, unknown>> = {}) =>
    Effect.map(dpop(credential, change), (proof) => ({
      headers: { authorization: `DPoP ${credential}`, dpop: proof }
    }))

  return { jwk, jkt, privateKey, prove, dpop, shown }
})
