import { resolve } from "node:path"
import { type AuthenticatorService, FrameworkSettings, Gateway, type RequestLimitsService } from "@portico/gate"
import { KeyStore, type KeyStoreService } from "@portico/gate/contracts"
import { Database, type DatabaseError } from "@portico/gate/database"
import { egressFetch } from "@portico/gate/egress"
import { Kernel, type RefusalListener } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AuthService } from "../Auth.ts"
import { AuthConfig } from "../AuthConfig.ts"
import { AuthStartError } from "../AuthStartError.ts"
import { type AccessTokens, makeAccessTokens } from "./accessTokens.ts"
import { type Administrators, makeAdministrators } from "./administrators.ts"
import { apiKeyStart } from "./apiKeyFormat.ts"
import { makeApiKeys } from "./apiKeys.ts"
import { type Audit, makeAudit } from "./audit.ts"
import { makeAuthenticator } from "./authenticator.ts"
import { makeCallers } from "./callers.ts"
import { type Challenges, makeChallenges } from "./challenges.ts"
import { skew } from "./clockSkew.ts"
import { isDelegation } from "./delegation/delegations.ts"
import { type Delegation, makeDelegation } from "./delegation/makeDelegation.ts"
import { keepHouse } from "./housekeeping.ts"
import { identityPaths, makeBuiltIn } from "./identities.ts"
import { makeForeignKeys } from "./keys/foreignKeys.ts"
import { keyPlace, signingKeyNames } from "./keys/keyPlace.ts"
import { makePublishedKeys } from "./keys/publishedKeys.ts"
import { makeSharedKeyRing } from "./keys/sharedKeyRing.ts"
import { type KeyRing, makeKeyRing } from "./keys/signingKeys.ts"
import { limitRules } from "./limits/limitRules.ts"
import { type Limits, makeLimits } from "./limits/limits.ts"
import { makeRefusals } from "./limits/refusals.ts"
import { makeRequestLimits } from "./limits/requestLimits.ts"
import { pruneLimits } from "./limits/sharedStore.ts"
import { makeOAuth, type OAuth } from "./oauth/makeOAuth.ts"
import { keepOperatorToken, operatorTokenFile } from "./operatorToken.ts"
import { makePasskeyStore, type PasskeyStore } from "./passkeys/passkeyStore.ts"
import { makePasskeys, type Passkeys } from "./passkeys/passkeys.ts"
import { relyingPartyOf } from "./passkeys/relyingParty.ts"
import { makePasswords } from "./passwords.ts"
import { makeRefusalListeners } from "./permissionsOnRecord.ts"
import { makeProofs, type Proofs } from "./proof/dpop.ts"
import { makeNonces } from "./proof/nonces.ts"
import { makeReplays } from "./proof/replays.ts"
import { makeProviders, type Providers } from "./providers/makeProviders.ts"
import { makeRevocations, type Revocations } from "./revocations.ts"
import { makeSealing } from "./secondFactor/makeSealing.ts"
import { makeSecondFactor, type SecondFactor } from "./secondFactor/secondFactor.ts"
import type { OwnOrigins } from "./sessions/crossSite.ts"
import { type CookieRules, cookieRules } from "./sessions/sessionCookie.ts"
import { makeSessions, type Sessions } from "./sessions/sessions.ts"
import { makeSetup, type Setup } from "./setup.ts"
import { makeSignIn, type SignIn } from "./signIn.ts"
import { stored } from "./store.ts"
import { type Enrol, makeEnrol } from "./trust/enrol.ts"
import { makeEnrolled } from "./trust/enrolled.ts"
import { makeTrustStore } from "./trust/trustStore.ts"
import { makeCache, makeVerifier } from "./verifier.ts"
import { makeViews, type Views } from "./views/views.ts"
import { makeViewTokens } from "./views/viewTokens.ts"

/** Everything of this module, wired together. What is public is in `auth` and `authenticator`. */
export interface Wired {
  readonly auth: AuthService
  readonly authenticator: AuthenticatorService
  readonly requestLimits: RequestLimitsService
  readonly delegation: Delegation
  readonly enrolment: Enrol
  readonly setup: Setup
  readonly administrators: Administrators
  readonly signIn: SignIn
  readonly challenges: Challenges
  readonly passkeys: Passkeys
  readonly passkeyStore: PasskeyStore
  readonly secondFactor: SecondFactor
  readonly keyRing: KeyRing
  readonly rotateKeys: (atOnce: boolean) => Effect.Effect<void, AuthStartError | DatabaseError>
  readonly audit: Audit
  readonly onRefusal: RefusalListener
  readonly tokens: AccessTokens
  readonly revocations: Revocations
  readonly oauth: OAuth
  readonly providers: Providers
  readonly keyStore: KeyStoreService | undefined
  readonly limits: Limits
  readonly proofs: Proofs
  readonly views: Views
  /** Whether clients may register without a credential. */
  readonly openRegistration: boolean
  readonly sessions: Sessions
  readonly cookie: CookieRules
  readonly origins: OwnOrigins
  /** Seconds. */
  readonly sessionLifetime: number
}

/** Loads keys, makes what the first start makes, and wires the services. */
export const makeAuth = Effect.gen(function* () {
  const kernel = yield* Kernel
  const database = yield* Database
  const settings = yield* FrameworkSettings
  const config = yield* Gateway.config(AuthConfig)
  const dataDir = resolve(settings.dataDir)
  const publicUrl = (settings.publicUrl ?? `http://localhost:${settings.port}`).replace(/\/+$/, "")

  const lifetime = (config.accessTokenLifetime + skew) * 1_000
  // A key that signs no more has to verify for as long as what it signed may last.
  const isShared = database.dialect !== "sqlite"
  const shared = isShared ? database : undefined
  const overlap = Math.max(lifetime, config.delegationLifetime * 1_000)
  const place = yield* keyPlace(dataDir, signingKeyNames)
  const rules = { rotateAfter: config.signingKeyLifetime * 1_000, overlap }
  const own = yield* makeKeyRing(place, rules)
  const keyRing = isShared ? yield* makeSharedKeyRing(own, makePublishedKeys(database), rules) : own
  const audit = makeAudit(database, config.auditRetention * 1_000)
  const cache = makeCache(config.cachedCredentials)
  const forget = () => cache.clear()
  const keys = makeApiKeys(database, forget)
  const sessions = makeSessions(
    database,
    { idle: config.sessionIdle * 1_000, lifetime: config.sessionLifetime * 1_000 },
    forget
  )
  // A token may be dated a little ahead, and is believed a little longer than it lasts.
  const revocations = yield* makeRevocations(database, lifetime + skew * 1_000, forget)
  const tokens = makeAccessTokens({ issuer: publicUrl, lifetime: config.accessTokenLifetime, keys: keyRing })
  const callers = makeCallers(kernel)
  const clock = yield* Clock.Clock
  const limits = yield* makeLimits(limitRules(config), { audit, database, isShared })
  const refusals = makeRefusals(limits, clock)
  const replays = makeReplays(database)
  const proofs = makeProofs(replays, yield* makeNonces(database))
  const delegation = yield* makeDelegation({
    kernel,
    database,
    audit,
    callers,
    refusals,
    proofs,
    signing: keyRing,
    issuer: publicUrl,
    longest: config.delegationLifetime
  })
  const views = makeViews({
    kernel,
    callers,
    refusals,
    audit,
    tokens: makeViewTokens({ issuer: publicUrl, keys: keyRing, longest: config.accessTokenLifetime }),
    clock
  })
  const verifier = makeVerifier({
    kernel,
    tokens,
    keys,
    sessions,
    revocations,
    callers,
    audit,
    cache,
    isShared,
    refusals,
    isPrivileged: (credential) => operatorKey !== undefined && credential.startsWith(operatorKey),
    clock
  })
  const signIn = makeSignIn({ kernel, database, passwords: yield* makePasswords(), audit, shared })

  const operator = yield* firstStart
  const kept = operator === undefined ? undefined : yield* keepOperatorToken(dataDir, operator, keys, isShared)
  const operatorKey = kept && apiKeyStart(kept.keyId)
  if (kept?.isNew === true) {
    yield* audit.write({ event: "operator-token.written", identity: operator, details: { file: operatorTokenFile } })
  }

  const fetch = egressFetch({ allowed: settings.egressAllowed })
  const foreignKeys = makeForeignKeys(fetch)
  const oauth = makeOAuth({
    database,
    kernel,
    issuer: publicUrl,
    accessTokenLifetime: config.accessTokenLifetime,
    refreshTokenLifetime: config.refreshTokenLifetime,
    keys: keyRing,
    tokens,
    replays,
    revocations,
    audit,
    foreignKeys
  })

  const keyStore = Option.getOrUndefined(yield* Effect.serviceOption(KeyStore))
  const providers = yield* makeProviders({
    settings: config.providers,
    secrets: config.providerSecrets,
    keyStore,
    kernel,
    database,
    sessions,
    foreignKeys,
    fetch,
    replays,
    issuer: publicUrl
  })

  const issueAccessToken = (identity: string) =>
    Effect.flatMap(revocations.generationOf(identity), (generation) => tokens.issue({ identity, generation }))

  const trustStore = makeTrustStore(database)
  const enrolment = makeEnrol({
    roots: new Set(config.trustRoots.split(",").flatMap((root) => root.trim() || [])),
    issuer: publicUrl,
    store: trustStore,
    enrolled: yield* makeEnrolled({ kernel, store: trustStore, keys: delegation.keys }),
    keys,
    audit,
    shared
  })

  const signOutEverywhere: AuthService["signOutEverywhere"] = (identity, options) =>
    Effect.all(
      [
        sessions.endOthers(identity, options?.except),
        oauth.grants.endAllOf(identity),
        revocations.endAll(identity),
        delegation.delegations.endSignedIn(identity)
      ],
      { discard: true }
    )

  const challenges = makeChallenges(database)
  const passkeyStore = makePasskeyStore(database)
  const passkeys = makePasskeys({ party: relyingPartyOf(publicUrl), kernel, store: passkeyStore, challenges, audit })
  const sealer = yield* makeSealing(dataDir, shared)
  const secondFactor = makeSecondFactor({ database, sealer, audit, shared })

  const startAfresh = (identity: string) =>
    Effect.all([passkeyStore.removeAll(identity), secondFactor.off(identity), signOutEverywhere(identity)], {
      discard: true
    })
  const administrators = makeAdministrators({ kernel, database, signIn, audit, startAfresh })
  const setup = makeSetup({ administrators, database, keys, tokens, audit })

  const auth: AuthService = {
    issuer: publicUrl,
    issueAccessToken,
    verify: (credential) =>
      isDelegation(credential)
        ? delegation.delegations.authenticate(credential, undefined)
        : Effect.map(verifier.verify(credential, "header"), Option.getOrThrow),
    apiKeys: {
      create: (identity, options) => keys.create(identity, { ...options, kind: "api-key" }),
      list: keys.list,
      revoke: keys.revoke
    },
    sessions: { list: sessions.list, end: sessions.end },
    signOutEverywhere,
    setPassword: signIn.setPassword,
    administrators: {
      create: (options) => administrators.create(options, {}),
      reset: (options) => administrators.reset(options, {})
    },
    audit: audit.write,
    audited: audit.list
  }

  // By themselves, so that a database that does not answer keeps no key from being rotated.
  yield* Effect.forkScoped(keepHouse({ "look after the signing keys": keyRing.tend }))
  yield* Effect.forkScoped(
    keepHouse({
      "forget old lines of the audit log": audit.prune,
      "forget sessions that have ended": sessions.prune,
      "forget which tokens were ended": revocations.prune,
      "forget nonces": trustStore.prune,
      "forget what nobody has answered": challenges.prune,
      "forget proofs and assertions that were used": replays.prune,
      "forget who did what how often": pruneLimits(database),
      "forget clients and grants that have run out": oauth.prune,
      "forget invitations that have run out": providers.prune
    })
  )

  const onRefusal = yield* makeRefusalListeners(audit)
  const cookie = cookieRules(publicUrl)
  const origins = {
    publicOrigin: new URL(publicUrl).origin,
    allowed: new Set(settings.corsOrigins.filter((origin) => origin !== "*"))
  }
  const wired: Wired = {
    auth,
    authenticator: makeAuthenticator({
      verifier,
      delegations: delegation.delegations,
      views,
      cookie,
      origins,
      proofs,
      issuer: publicUrl,
      onRefusal: onRefusal.ofRoute
    }),
    requestLimits: makeRequestLimits(limits, clock),
    delegation,
    enrolment,
    setup,
    administrators,
    challenges,
    passkeys,
    passkeyStore,
    secondFactor,
    signIn,
    keyRing,
    rotateKeys: (atOnce) => Effect.andThen(keyRing.rotate({ atOnce }), Effect.sync(forget)),
    audit,
    onRefusal: onRefusal.ofCall,
    tokens,
    revocations,
    oauth,
    limits,
    proofs,
    views,
    providers,
    keyStore,
    openRegistration: config.openRegistration,
    sessions,
    cookie,
    origins,
    sessionLifetime: config.sessionLifetime
  }
  return wired
})

/**
 * Makes the identities of the first start, once: what an operator changes about them later stays changed. Gives the id
 * of the operator, unless somebody has removed it.
 */
const firstStart = Effect.gen(function* () {
  const kernel = yield* Kernel
  const { sql } = yield* Database
  const done = yield* stored(sql`SELECT 1 FROM auth_state WHERE name = 'identities'`)
  if (done.length === 0) {
    yield* makeBuiltIn(kernel)
    yield* stored(sql`INSERT INTO auth_state ${sql.insert({ name: "identities", value: "1" })} ON CONFLICT DO NOTHING`)
  }
  const operator = yield* kernel.node(identityPaths.operator)
  return Option.match(operator, { onNone: () => undefined, onSome: (node) => node.id })
}).pipe(
  Effect.mapError(
    (cause) => new AuthStartError({ message: `The identities of the first start: ${cause.message}`, cause })
  )
)
