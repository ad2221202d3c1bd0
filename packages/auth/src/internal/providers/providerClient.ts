import * as Effect from "effect/Effect"
import { skew } from "../clockSkew.ts"
import type { ForeignKeys } from "../keys/foreignKeys.ts"
import type { Claims } from "./claims.ts"
import { type Discovery, openidClient, wordsOf } from "./discovery.ts"
import type { LoginState } from "./loginState.ts"
import { type ProviderRefusal, refuse } from "./ProviderRefusal.ts"
import type { Provider } from "./profiles.ts"
import { type SignedOut, signedOut, verifySigned } from "./tokens.ts"

/** Speaks with providers: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, section 3.1). */
export interface ProviderClient {
  /** Where somebody goes to show the provider who they are. */
  readonly startUrl: (provider: Provider, login: LoginState) => Effect.Effect<URL, ProviderRefusal>
  /** What the provider says of whoever came back with these params. */
  readonly finish: (provider: Provider, login: LoginState, params: string) => Effect.Effect<Claims, ProviderRefusal>
  /** Where signing out here goes on to; `undefined` where the provider has no such place. */
  readonly signOutUrl: (provider: Provider, back: string) => Effect.Effect<URL | undefined, ProviderRefusal>
  /** Whom a logout token is about. */
  readonly readLogout: (provider: Provider, token: string) => Effect.Effect<SignedOut, ProviderRefusal>
}

export interface ProviderClientOptions {
  readonly discovery: Discovery
  readonly foreignKeys: ForeignKeys
  /** The instance's public URL. */
  readonly issuer: string
}

/** Where a provider sends people back to. Each has its own, so that none can answer for another (RFC 9700, 4.4.2.2). */
export const callbackUrl = (issuer: string, provider: Pick<Provider, "id">): string =>
  `${issuer}/auth/providers/${provider.id}/callback`

export const makeProviderClient = ({ discovery, foreignKeys, issuer }: ProviderClientOptions): ProviderClient => {
  const answered = <A>(run: () => Promise<A>): Effect.Effect<A, ProviderRefusal> =>
    Effect.tryPromise({ try: run, catch: (cause) => refuse("answer", wordsOf(cause)) })

  return {
    startUrl: (provider, login) =>
      Effect.gen(function* () {
        const config = yield* discovery.of(provider)
        const oidc = yield* openidClient
        return yield* answered(async () =>
          oidc.buildAuthorizationUrl(config, {
            ...provider.parameters,
            redirect_uri: callbackUrl(issuer, provider),
            scope: provider.scopes.join(" "),
            state: login.state,
            nonce: login.nonce,
            code_challenge: await oidc.calculatePKCECodeChallenge(login.verifier),
            code_challenge_method: "S256",
            ...(login.again === true ? { prompt: "login" } : {}),
            ...(provider.maxAge === undefined ? {} : { max_age: String(login.again === true ? 0 : provider.maxAge) })
          })
        )
      }),

    finish: (provider, login, params) =>
      Effect.gen(function* () {
        const config = yield* discovery.of(provider)
        const oidc = yield* openidClient
        const url = new URL(callbackUrl(issuer, provider))
        url.search = params
        const tokens = yield* answered(() =>
          oidc.authorizationCodeGrant(config, url, {
            expectedState: login.state,
            expectedNonce: login.nonce,
            pkceCodeVerifier: login.verifier,
            idTokenExpected: true,
            ...(provider.maxAge === undefined ? {} : { maxAge: provider.maxAge })
          })
        )
        const said = tokens.claims()
        if (said === undefined || tokens.id_token === undefined) return yield* refuse("token", "there is no id token")
        // OpenID Connect Core 1.0, section 2.
        if (said.sub === "" || said.sub.length > 255) return yield* refuse("token", "its subject is no subject")
        // It was asked to have them show who they are; where that counts, it says when they did.
        const isOld = Number(said.auth_time) < Math.floor(login.begunAt / 1_000) - skew
        if (provider.maxAge !== undefined && login.again === true && isOld) {
          return yield* refuse("token", "its person was not asked again who they are")
        }
        // The library believes what comes over TLS; whoever signed it has to be the provider as well.
        yield* verifySigned({
          token: tokens.id_token,
          // The second is what another instance of ours calls it.
          types: ["jwt", "id+jwt"],
          provider,
          jwksUri: config.serverMetadata().jwks_uri,
          foreignKeys
        })
        if (!provider.userInfo || config.serverMetadata().userinfo_endpoint === undefined) return said
        const more = yield* answered(() => oidc.fetchUserInfo(config, tokens.access_token, said.sub))
        return { ...more, ...said }
      }),

    signOutUrl: (provider, back) =>
      Effect.gen(function* () {
        const config = yield* discovery.of(provider)
        const oidc = yield* openidClient
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined
        return yield* answered(async () => oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: back }))
      }),

    readLogout: (provider, token) =>
      Effect.gen(function* () {
        const config = yield* discovery.of(provider)
        const jwksUri = config.serverMetadata().jwks_uri
        const payload = yield* verifySigned({ token, types: ["jwt", "logout+jwt"], provider, jwksUri, foreignKeys })
        return yield* signedOut(payload)
      })
  }
}
