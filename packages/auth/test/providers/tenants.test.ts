import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose"
import { makeForeignKeys } from "../../src/internal/keys/foreignKeys.ts"
import { makeReplays } from "../../src/internal/proof/replays.ts"
import { beginLogin, type LoginState } from "../../src/internal/providers/loginState.ts"
import { makeProviders } from "../../src/internal/providers/makeProviders.ts"
import { cookieRules } from "../../src/internal/sessions/sessionCookie.ts"
import { makeSessions } from "../../src/internal/sessions/sessions.ts"
import { newWorld, startIn } from "../support/start.ts"

const [ours, theirs, others] = ["1", "2", "3"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`)
const at = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`
const base = "https://login.microsoftonline.com/organizations"

interface Said {
  readonly iss: string
  readonly tid?: string
  readonly sub: string
}

/** Microsoft's endpoints for every tenant, without a network: what it is to say is said by the code. */
const microsoft = (key: CryptoKey, jwk: object, issuer = at("{tenantid}")) => {
  const said = new Map<string, Said & { readonly nonce: string }>()
  const answer = async (request: Request): Promise<unknown> => {
    if (request.url === `${at("organizations")}/.well-known/openid-configuration`) {
      return {
        issuer,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        id_token_signing_alg_values_supported: ["RS256"]
      }
    }
    if (request.url === `${base}/discovery/v2.0/keys`) return { keys: [jwk] }
    const form = new URLSearchParams(await request.text())
    const now = Math.floor(Date.now() / 1_000)
    const claims = { ...said.get(form.get("code") ?? ""), aud: "portico", iat: now, exp: now + 300 }
    const id_token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "ms" }).sign(key)
    return { access_token: "opaque", token_type: "Bearer", id_token }
  }
  const fetch = async (...asked: Parameters<typeof globalThis.fetch>) =>
    Response.json(await answer(new Request(...asked)))
  return { fetch, said }
}

const setup = (issuer?: string) =>
  Effect.gen(function* () {
    const app = yield* startIn(yield* newWorld)
    const pair = yield* Effect.promise(() => generateKeyPair("RS256", { extractable: true }))
    const jwk = { ...(yield* Effect.promise(() => exportJWK(pair.publicKey))), kid: "ms", use: "sig", alg: "RS256" }
    const { fetch, said } = microsoft(pair.privateKey, jwk, issuer)
    const providers = yield* makeProviders({
      settings: {
        ms: {
          profile: "microsoft",
          clientId: "portico",
          tenant: "organizations",
          provisioning: "create",
          trust: { tenants: [ours ?? "", theirs ?? ""] },
          identity: { path: "/identities/ms/{tid}/{sub}" }
        }
      },
      secrets: {},
      keyStore: undefined,
      kernel: app.kernel,
      database: app.database,
      sessions: makeSessions(app.database, { idle: 60_000, lifetime: 60_000 }, () => {}),
      foreignKeys: makeForeignKeys(fetch),
      fetch,
      replays: makeReplays(app.database),
      issuer: "http://localhost"
    })
    const provider = providers.find("ms") ?? (yield* Effect.die("no provider"))
    const begin = Effect.sync(
      () => beginLogin(cookieRules("http://localhost"), { provider: "ms", returnTo: "/" }, Date.now(), undefined).login
    )
    const finish = (login: LoginState, claims: Said) => {
      said.set(login.id, { ...claims, nonce: login.nonce })
      return providers.finish(provider, login, `code=${login.id}&state=${login.state}`, {})
    }
    const signIn = (claims: Said) => Effect.flatMap(begin, (login) => finish(login, claims))
    const links = Effect.map(providers.links.list(), (all) => all.map(({ issuer, subject }) => [issuer, subject]))
    return { app, provider, providers, begin, signIn, links }
  })

describe("a provider that is many issuers, one for each tenant", () => {
  it.live("lets in the tenants that are trusted; the same subject in two of them is two people", () =>
    Effect.gen(function* () {
      const { app, begin, links, provider, providers, signIn } = yield* setup()
      const start = yield* providers.client.startUrl(provider, yield* begin)
      expect(start.href).toContain(`${base}/oauth2/v2.0/authorize?`)
      const first = yield* signIn({ iss: at(ours ?? ""), tid: ours ?? "", sub: "ada" })
      const second = yield* signIn({ iss: at(theirs ?? ""), tid: theirs ?? "", sub: "ada" })
      expect([first.how, second.how]).toEqual(["made", "made"])
      expect(first.identity).not.toBe(second.identity)
      const again = yield* signIn({ iss: at(ours ?? ""), tid: ours ?? "", sub: "ada" })
      expect([again.how, again.identity]).toEqual(["known", first.identity])
      expect((yield* links).sort()).toEqual([
        [at(ours ?? ""), "ada"],
        [at(theirs ?? ""), "ada"]
      ])
      expect(Option.isSome(yield* app.kernel.node(`/identities/ms/${ours}/ada`))).toBe(true)
    })
  )

  it.live("lets in no other tenant, none in another's name, and none that is none (abuse 13)", () =>
    Effect.gen(function* () {
      const { links, signIn } = yield* setup()
      const [mine, other] = [ours ?? "", others ?? ""]
      const tries: ReadonlyArray<Said> = [
        { iss: at(other), tid: other, sub: "eve" },
        { iss: at(mine), tid: other, sub: "eve" },
        { iss: at(other), tid: mine, sub: "eve" },
        { iss: at(mine), sub: "eve" },
        { iss: at("{tenantid}"), tid: "{tenantid}", sub: "eve" },
        { iss: at("organizations"), tid: "organizations", sub: "eve" },
        { iss: `https://evil.example/${mine}/v2.0`, tid: mine, sub: "eve" },
        { iss: at(`${mine}/../${other}`), tid: `${mine}/../${other}`, sub: "eve" }
      ]
      for (const claims of tries) {
        const error = yield* Effect.flip(signIn(claims))
        expect([claims, error._tag]).toEqual([claims, "ProviderRefusal"])
      }
      expect(yield* links).toEqual([])
    })
  )

  it.live("is not believed to be one issuer, where its metadata say so", () =>
    Effect.gen(function* () {
      for (const issuer of [at(others ?? ""), "https://evil.example/{tenantid}/v2.0"]) {
        const { signIn } = yield* setup(issuer)
        const error = yield* Effect.flip(signIn({ iss: at(ours ?? ""), tid: ours ?? "", sub: "ada" }))
        expect(error).toMatchObject({ step: "provider" })
      }
    })
  )
})
