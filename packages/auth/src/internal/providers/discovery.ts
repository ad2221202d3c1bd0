import { isSecretName, type KeyStoreError, type KeyStoreService } from "@portico/gate/contracts"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import type { ClientAuth, Configuration, CustomFetch } from "openid-client"
import { skew } from "../clockSkew.ts"
import { type ProviderRefusal, refuse } from "./ProviderRefusal.ts"
import type { Provider } from "./profiles.ts"

/** Times in milliseconds: until metadata are asked for again, between two tries, and until old ones are given up. */
const fresh = 3_600_000
const coolDown = 15_000
const keepLast = 86_400_000

/** Where client secrets are. */
export interface Secrets {
  /** Of the settings. */
  readonly settings: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly keyStore: KeyStoreService | undefined
}

/** The name of a provider's secret in the key store. */
export const secretNameOf = (provider: string): string => `auth.provider.${provider}`

export interface DiscoveryOptions {
  /** Calls no private address that the operator has not named. */
  readonly fetch: typeof globalThis.fetch
  readonly secrets: Secrets
}

/** What is known of a provider, as `openid-client` holds it. Fails where it is away, without asking each time. */
export interface Discovery {
  readonly of: (provider: Provider) => Effect.Effect<Configuration, ProviderRefusal>
  /** Asks again at the next use, for example because its secret has changed. */
  readonly forget: (provider: string) => void
}

interface Known {
  readonly turn: Semaphore.Semaphore
  config: Configuration | undefined
  fetchedAt: number
  triedAt: number
  problem: string
}

/** Some 100 KB that an instance without providers never loads. */
export const openidClient = Effect.promise(() => import("openid-client"))

const longAgo = Number.NEGATIVE_INFINITY

export const makeDiscovery = ({ fetch, secrets }: DiscoveryOptions): Discovery => {
  const known = new Map<string, Known>()
  const call: CustomFetch = (url, { body = null, ...rest }) =>
    fetch(url, { ...rest, body: body instanceof Uint8Array ? new Uint8Array(body) : body })

  const knownOf = (id: string): Known => {
    const before = known.get(id)
    if (before !== undefined) return before
    const made: Known = {
      turn: Semaphore.makeUnsafe(1),
      config: undefined,
      fetchedAt: longAgo,
      triedAt: longAgo,
      problem: ""
    }
    known.set(id, made)
    return made
  }

  const secretOf = (id: string): Effect.Effect<string | undefined, KeyStoreError> => {
    const set = Object.hasOwn(secrets.settings, id) ? secrets.settings[id] : undefined
    if (set !== undefined) return Effect.succeed(Redacted.value(set))
    const name = secretNameOf(id)
    if (secrets.keyStore === undefined || !isSecretName(name)) return Effect.undefined
    return Effect.map(secrets.keyStore.get(name), (found) => Option.getOrUndefined(Option.map(found, Redacted.value)))
  }

  const discover = (provider: Provider) =>
    Effect.gen(function* () {
      const oidc = yield* openidClient
      const secret = yield* Effect.mapError(secretOf(provider.id), ({ message }) => message)
      return yield* Effect.tryPromise({
        try: async () => {
          const server = new URL(provider.issuer)
          const execute = server.protocol === "http:" ? [oidc.allowInsecureRequests] : []
          const found = await oidc.discovery(server, provider.clientId, undefined, oidc.None(), {
            [oidc.customFetch]: call,
            execute
          })
          const metadata = found.serverMetadata()
          // The library lets some providers be many issuers.
          if (new URL(metadata.issuer).href !== server.href) throw new Error(`it says that it is ${metadata.issuer}`)
          const client = { [oidc.clockTolerance]: skew }
          const auth = authOf(oidc, secret, metadata.token_endpoint_auth_methods_supported)
          const config = new oidc.Configuration(metadata, provider.clientId, client, auth)
          config[oidc.customFetch] = call
          for (const each of execute) each(config)
          return config
        },
        catch: wordsOf
      })
    })

  const refresh = (provider: Provider, one: Known) =>
    one.turn.withPermit(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - one.triedAt < coolDown) return
        one.triedAt = now
        const got = yield* Effect.result(discover(provider))
        if (got._tag === "Success") {
          one.config = got.success
          one.fetchedAt = now
          return
        }
        one.problem = got.failure
        yield* Effect.logWarning(`The sign-in provider ${provider.id} could not be used: ${one.problem}.`)
        if (now - one.fetchedAt >= keepLast) one.config = undefined
      })
    )

  return {
    of: (provider) =>
      Effect.gen(function* () {
        const one = knownOf(provider.id)
        const now = yield* Clock.currentTimeMillis
        if (one.config === undefined || now - one.fetchedAt >= fresh) yield* refresh(provider, one)
        return one.config ?? (yield* refuse("provider", one.problem))
      }),
    forget: (provider) => {
      known.delete(provider)
    }
  }
}

const authOf = (
  oidc: typeof import("openid-client"),
  secret: string | undefined,
  methods: ReadonlyArray<string> = ["client_secret_basic"]
): ClientAuth => {
  if (secret === undefined) return oidc.None()
  return methods.includes("client_secret_basic") || !methods.includes("client_secret_post")
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret)
}

/** What went wrong, without what the provider has sent: that may hold tokens. */
export const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "something went wrong"
  const { cause, message } = error
  const said = "error" in error && typeof error.error === "string" ? ` (${error.error.slice(0, 100)})` : ""
  const because = cause instanceof Error && cause.message !== message ? `: ${cause.message}` : ""
  return `${message}${said}${because}`.slice(0, 500)
}
