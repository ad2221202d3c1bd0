import { createHash, randomBytes } from "node:crypto"
import { Effect } from "effect"
import { newWorld, startIn } from "../support/start.ts"

export const password = "violet otter runs"
export const redirect = "https://app.example/callback"

/** What OAuth answers. */
export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly error?: string
    readonly access_token?: string
    readonly refresh_token?: string
    readonly id_token?: string
    readonly scope?: string
    readonly client_id?: string
    readonly client_secret?: string
    readonly device_code?: string
    readonly user_code?: string
    readonly active?: boolean
  }
}

type Params = Readonly<Record<string, string>>

/** A verifier, and what is asked with (RFC 7636). */
export const pkce = () => {
  const verifier = randomBytes(32).toString("base64url")
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") }
}

export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`
})

/** An instance with ada, who sits at a browser, and a client that anybody could be. */
export const world = (config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const app = yield* startIn(yield* newWorld, config)
    const ada = yield* app.user("ada")
    yield* app.call(`${ada.path}::grantPerm`, { node: "/", perms: ["READ"] })
    yield* app.auth.setPassword(ada.id, password)

    const told = (path: string, init: Parameters<typeof app.request>[1]) =>
      Effect.map(app.request(path, init), ({ headers, json, status }): Told => {
        // Boundary: what OAuth answers is JSON, or nothing.
        return { status, headers, body: (json ?? {}) as Told["body"] }
      })
    const post = (path: string, params: Params, headers: Params = {}) =>
      told(path, { method: "POST", body: new URLSearchParams(params), headers })

    const signIn = Effect.map(
      app.request("/auth/login", {
        method: "POST",
        body: new URLSearchParams({ identity: "ada", password }),
        redirect: "manual"
      }),
      ({ headers }) => headers["set-cookie"]?.split(";")[0] ?? ""
    )

    const register = (metadata: Readonly<Record<string, unknown>> = {}, token?: string) =>
      told("/auth/register", {
        json: { redirect_uris: [redirect], token_endpoint_auth_method: "none", ...metadata },
        ...(token === undefined ? {} : { token })
      })

    const client = (yield* register()).body.client_id ?? ""

    /** What is asked for, but for what is changed; a param that is `""` is left out. */
    const query = (change: Params = {}) => {
      const all = {
        client_id: client,
        response_type: "code",
        redirect_uri: redirect,
        scope: "read",
        state: "st",
        code_challenge_method: "S256",
        ...change
      }
      return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== "")).toString()
    }

    const open = (path: string, cookie: string) => app.request(path, { headers: { cookie }, redirect: "manual" })

    /** Where a browser is sent to. */
    const sentTo = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) =>
      new URL(headers.location ?? "", "http://localhost")

    const submit = (path: string, form: Params, headers: Params) =>
      app.request(path, { method: "POST", body: new URLSearchParams(form), headers, redirect: "manual" })

    /** The hidden fields of a page's form. */
    const fieldsOf = (html: string): Params =>
      Object.fromEntries(
        [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
          ([, name = "", value = ""]) => [name, value.replaceAll("&amp;", "&")] as const
        )
      )

    /** Asks, and lets the client have what it wants: where the browser is sent then. */
    const allow = (asked: string, cookie: string) =>
      Effect.gen(function* () {
        const page = yield* open(`/auth/authorize?${asked}`, cookie)
        const form = { ...fieldsOf(page.text), decision: "allow" }
        return sentTo(yield* submit("/auth/authorize", form, { cookie, origin: "http://localhost" }))
      })

    const code = (change: Params = {}) =>
      Effect.gen(function* () {
        const { challenge, verifier } = pkce()
        const back = yield* allow(query({ code_challenge: challenge, ...change }), yield* signIn)
        return { code: back.searchParams.get("code") ?? "", verifier, back }
      })

    const exchange = (got: { readonly code: string; readonly verifier: string }, change: Params = {}, headers = {}) =>
      post(
        "/auth/token",
        Object.fromEntries(
          Object.entries({
            grant_type: "authorization_code",
            client_id: client,
            redirect_uri: redirect,
            code: got.code,
            code_verifier: got.verifier,
            ...change
          }).filter(([, value]) => value !== "")
        ),
        headers
      )

    const refresh = (token: string, change: Params = {}) =>
      post("/auth/token", { grant_type: "refresh_token", client_id: client, refresh_token: token, ...change })

    const tokens = (change: Params = {}) => Effect.flatMap(code(change), (got) => exchange(got))

    const who = (token = "") => app.status("/who", { token })

    return {
      ...app,
      ada,
      client,
      told,
      post,
      signIn,
      register,
      query,
      open,
      sentTo,
      submit,
      fieldsOf,
      allow,
      code,
      exchange,
      refresh,
      tokens,
      who
    }
  })
