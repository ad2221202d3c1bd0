import { isSecretName, type KeyStoreError, type KeyStoreService } from "@portico/gate/contracts"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import type { Configuration, CustomFetch } from "openid-client"
import { skew } from "../clockSkew.ts"
import { clientAuthOf } from "./clientAuth.ts"
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
          const auth = await clientAuthOf(oidc, provider, secret)
          const client = { [oidc.clockTolerance]: skew }
          const config = await oidc.discovery(server, provider.clientId, client, auth, {
            [oidc.customFetch]: call,
            execute
          })
          const { issuer } = config.serverMetadata()
          // The library lets some providers be many issuers.
          const isOurs =
            provider.issuerOfTenant === undefined
              ? new URL(issuer).href === server.href
              : issuer === provider.issuerOfTenant
          if (!isOurs) throw new Error(`it says that it is ${issuer}`)
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

/** What went wrong, without what the provider has sent: that may hold tokens. */
export const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "something went wrong"
  const { cause, message } = error
  const said = "error" in error && typeof error.error === "string" ? ` (${error.error.slice(0, 100)})` : ""
  const because = cause instanceof Error && cause.message !== message ? `: ${cause.message}` : ""
  return `${message}${said}${because}`.slice(0, 500)
}
