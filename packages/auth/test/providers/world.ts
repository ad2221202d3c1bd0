import type { TestResponse } from "@portico/gate/testing"
import { Effect } from "effect"
import { newWorld, startIn } from "../support/start.ts"
import { type HostileProvider, hostileProvider, type Twist } from "./hostileProvider.ts"

/** What a browser keeps. */
export class Jar {
  private readonly kept = new Map<string, string>()

  keep({ cookies }: TestResponse): void {
    for (const cookie of cookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === "") this.kept.delete(name)
      else this.kept.set(name, value)
    }
  }

  get header(): { readonly cookie: string } {
    return { cookie: [...this.kept].map(([name, value]) => `${name}=${value}`).join("; ") }
  }

  get names(): ReadonlyArray<string> {
    return [...this.kept.keys()]
  }
}

/** Settings of a provider for a test. */
export const settingsOf = ({ issuer }: HostileProvider, more: Readonly<Record<string, unknown>> = {}) => ({
  issuer,
  clientId: "portico",
  userInfo: false,
  ...more
})

/** A product whose people sign in with providers of the test's. */
export const withProviders = Effect.fnUntraced(function* (
  more: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  config: Readonly<Record<string, unknown>> = {}
) {
  const provider = yield* hostileProvider
  const providers = Object.fromEntries(Object.entries(more).map(([id, each]) => [id, settingsOf(provider, each)]))
  const app = yield* startIn(yield* newWorld, {
    "auth.providers": providers,
    "gate.egressAllowed": ["loopback"],
    ...config
  })

  const get = (jar: Jar, path: string) =>
    Effect.tap(app.request(path, { headers: jar.header }), (answer) => Effect.sync(() => jar.keep(answer)))
  const post = (jar: Jar, path: string, form: Readonly<Record<string, string>>) =>
    Effect.tap(
      app.request(path, {
        method: "POST",
        body: new URLSearchParams(form).toString(),
        headers: { ...jar.header, "content-type": "application/x-www-form-urlencoded", origin: "http://localhost" }
      }),
      (answer) => Effect.sync(() => jar.keep(answer))
    )
  /** Begins a sign-in, and says where the browser is sent. */
  const begin = (jar: Jar, id = "corp", params = "") =>
    Effect.map(get(jar, `/auth/providers/${id}${params}`), ({ headers }) => headers.location ?? "")
  /** Comes back from the provider. */
  const comeBack = (jar: Jar, params: Readonly<Record<string, string>>, id = "corp") =>
    get(jar, `/auth/providers/${id}/callback?${new URLSearchParams(params)}`)
  const signIn = (jar: Jar, twist: Twist = {}, id = "corp", params = "") =>
    Effect.flatMap(begin(jar, id, params), (location) => comeBack(jar, { ...provider.authorize(location, twist) }, id))
  /** The name of whoever is signed in. */
  const who = (jar: Jar) =>
    Effect.map(get(jar, "/who/optional"), ({ json }) => (json as { caller: { name: string } | null }).caller?.name)
  /** Why the last sign-in was refused. */
  const refusal = Effect.map(
    app.rows("SELECT details FROM auth_audit WHERE event = 'sign-in.refused' ORDER BY id DESC LIMIT 1"),
    ([row]) => JSON.parse(String(row?.details)) as { readonly step: string; readonly reason: string }
  )
  return { app, provider, get, post, begin, comeBack, signIn, who, refusal }
})
