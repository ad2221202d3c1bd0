import type { KeyStoreService } from "@portico/gate/contracts"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import type { KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { SignInProvider } from "../../SignInProvider.ts"
import type { ForeignKeys } from "../keys/foreignKeys.ts"
import type { Replays } from "../proof/replays.ts"
import type { Sessions } from "../sessions/sessions.ts"
import { emailOf, problemWith } from "./claims.ts"
import { makeDiscovery } from "./discovery.ts"
import { type Invitations, makeInvitations } from "./invitations.ts"
import { type Link, type Links, makeLinks } from "./links.ts"
import type { LoginState } from "./loginState.ts"
import { makeMemberships, type Synced } from "./memberships.ts"
import { ProviderRefusal, refuse } from "./ProviderRefusal.ts"
import { type Provider, providersOf } from "./profiles.ts"
import { makeProviderClient, type ProviderClient } from "./providerClient.ts"
import { type Entry, type How, makeProvision } from "./provision.ts"

/** Somebody whom a provider has vouched for and who may come in. */
export interface SignedIn {
  /** Node id. */
  readonly identity: string
  readonly link: Link
  readonly how: How
  readonly groups: Synced
  /** The provider's own id of its session. */
  readonly sid: string | undefined
}

type Failure = ProviderRefusal | PorticoError | DatabaseError

/** Sign-in with OpenID providers. */
export interface Providers {
  /** In the order of the settings. */
  readonly all: ReadonlyArray<Provider>
  readonly find: (id: string | undefined) => Provider | undefined
  readonly client: ProviderClient
  readonly links: Links
  readonly invitations: Invitations
  /** Ends a sign-in that was begun, with the params that the person came back with. Each can be ended once. */
  readonly finish: (
    provider: Provider,
    login: LoginState,
    params: string,
    entry: Entry
  ) => Effect.Effect<SignedIn, Failure>
  /** Ends a link with its sessions and with what it gave. */
  readonly unlink: (link: Link) => Effect.Effect<void, PorticoError | DatabaseError>
  /** Ends the sessions that a logout token is about. Gives whose they were. */
  readonly signOut: (provider: Provider, token: string) => Effect.Effect<ReadonlyArray<string>, Failure>
  /** Looks for a provider's secret again at its next use. */
  readonly forgetSecret: (provider: string) => void
  readonly prune: Effect.Effect<void, DatabaseError>
}

export interface ProvidersOptions {
  readonly settings: Readonly<Record<string, SignInProvider>>
  readonly secrets: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly keyStore: KeyStoreService | undefined
  readonly kernel: KernelService
  readonly database: DatabaseService
  readonly sessions: Sessions
  readonly foreignKeys: ForeignKeys
  readonly fetch: typeof globalThis.fetch
  readonly replays: Replays
  /** The instance's public URL. */
  readonly issuer: string
}

/** Milliseconds that a logout token is remembered: longer than any is good for. */
const remembered = 86_400_000

export const makeProviders = Effect.fnUntraced(function* (options: ProvidersOptions) {
  const { database, fetch, foreignKeys, issuer, kernel, keyStore, replays, sessions } = options
  const all = providersOf(options.settings)
  const links = makeLinks(database)
  const invitations = makeInvitations(database)
  const discovery = makeDiscovery({ fetch, secrets: { settings: options.secrets, keyStore } })
  const client = makeProviderClient({ discovery, foreignKeys, issuer })
  const provision = yield* makeProvision({ kernel, links })
  const memberships = makeMemberships(kernel, links)

  const endSession = (identity: string, session: string) => Effect.ignore(sessions.end(identity, session))

  const providers: Providers = {
    all,
    find: (id) => all.find((provider) => provider.id === id),
    client,
    links,
    invitations,

    finish: (provider, login, params, entry) =>
      Effect.gen(function* () {
        if (login.until <= (yield* Clock.currentTimeMillis)) return yield* refuse("state", "it has taken too long")
        // Before the code is used: of two answers at once only one goes on.
        const isFirst = yield* replays.isFirst("login", login.state, login.until)
        if (!isFirst) return yield* refuse("state", "it was answered before")
        const claims = yield* client.finish(provider, login, params)
        const account = { issuer: claims.iss, subject: claims.sub, email: emailOf(claims).address }
        const named = (error: Failure) =>
          error instanceof ProviderRefusal ? new ProviderRefusal({ ...error, account }) : error
        const problem = problemWith(claims, provider.trust, provider.clientId)
        if (problem !== undefined) return yield* named(refuse("trust", problem))
        const { how, link, node } = yield* Effect.mapError(provision.identityOf(provider, claims, entry), named)
        const groups = yield* memberships.sync(provider, link, claims)
        const sid = typeof claims.sid === "string" ? claims.sid : undefined
        return { identity: node.id, link, how, groups, sid }
      }),

    unlink: (link) =>
      Effect.gen(function* () {
        yield* memberships.end(link)
        const begun = yield* links.sessionsOf(link.issuer, { subject: link.subject })
        yield* links.remove(link.id)
        for (const { identity, session } of begun) yield* endSession(identity, session)
      }),

    signOut: (provider, token) =>
      Effect.gen(function* () {
        const { issuer, jti, sid, subject } = yield* client.readLogout(provider, token)
        const until = (yield* Clock.currentTimeMillis) + remembered
        if (!(yield* replays.isFirst("logout", `${issuer} ${jti}`, until))) {
          return yield* refuse("token", "it was used before")
        }
        const begun = yield* links.sessionsOf(issuer, { subject, sid })
        for (const { identity, session } of begun) yield* endSession(identity, session)
        return [...new Set(begun.map(({ identity }) => identity))]
      }),

    forgetSecret: discovery.forget,
    prune: Effect.andThen(links.prune, invitations.prune)
  }
  return providers
})
