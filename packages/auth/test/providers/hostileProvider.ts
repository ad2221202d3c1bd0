import { createHash } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose"

/** What an id token says in place of what it should. A claim that is `undefined` is left out. */
export interface Twist {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Partial<JWTHeaderParameters>
  /** In place of the signed token. */
  readonly token?: (good: string) => string | undefined
  readonly key?: CryptoKey
}

/** A person's way through the provider, as the browser is sent on. */
export interface Authorized {
  readonly code: string
  readonly state: string
  readonly iss: string
}

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

const start = async () => {
  const keys = await generateKeyPair("ES256", { extractable: true })
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "one", use: "sig", alg: "ES256" }
  const codes = new Map<string, { readonly asked: URLSearchParams; readonly twist: Twist }>()
  const asked: Array<string> = []
  const forms: Array<URLSearchParams> = []
  let count = 0
  let issuer = ""
  let down = false
  let metadata: Readonly<Record<string, unknown>> = {}

  const sign = (payload: JWTPayload, { header, key }: Twist = {}) =>
    new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(key ?? keys.privateKey)

  const idToken = async (asked: URLSearchParams, twist: Twist): Promise<string | undefined> => {
    const now = Math.floor(Date.now() / 1_000)
    const usual = {
      iss: issuer,
      sub: "ada",
      aud: asked.get("client_id"),
      iat: now,
      exp: now + 300,
      nonce: asked.get("nonce")
    }
    // Boundary: what a test twists is not to be right.
    const payload = JSON.parse(JSON.stringify({ ...usual, ...twist.claims })) as JWTPayload
    const good = await sign(payload, twist)
    return twist.token === undefined ? good : twist.token(good)
  }

  const token = async (request: IncomingMessage) => {
    const form = await bodyOf(request)
    forms.push(form)
    const code = form.get("code") ?? ""
    const found = codes.get(code)
    codes.delete(code)
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url")
    if (found === undefined || challenge !== found.asked.get("code_challenge")) return { error: "invalid_grant" }
    const id_token = await idToken(found.asked, found.twist)
    return {
      access_token: "opaque",
      token_type: "Bearer",
      expires_in: 60,
      ...(id_token === undefined ? {} : { id_token })
    }
  }

  const server = createServer(async (request, answer) => {
    const path = request.url?.split("?")[0] ?? ""
    asked.push(path)
    const say = (body: unknown, status = 200) =>
      answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    if (down) return say({}, 503)
    if (path === "/.well-known/openid-configuration") {
      return say({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        end_session_endpoint: `${issuer}/end`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ["ES256"],
        ...metadata
      })
    }
    if (path === "/jwks") return say({ keys: [jwk] })
    if (path !== "/token") return say({}, 404)
    const body = await token(request)
    return say(body, "error" in body ? 400 : 200)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    issuer,
    asked,
    /** What its token endpoint was sent. */
    forms,
    sign,
    /** The person says yes: a code, for the request that the browser brought along. */
    authorize: (location: string, twist: Twist = {}): Authorized => {
      const params = new URL(location).searchParams
      const code = `code-${count++}`
      codes.set(code, { asked: params, twist })
      return { code, state: params.get("state") ?? "", iss: issuer }
    },
    answer: (isDown: boolean) => {
      down = isDown
    },
    publish: (more: Readonly<Record<string, unknown>>) => {
      metadata = more
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/** An OpenID provider that says whatever a test wants it to. */
export type HostileProvider = Awaited<ReturnType<typeof start>>

export const hostileProvider = Effect.acquireRelease(Effect.promise(start), (provider) => Effect.sync(provider.stop))
