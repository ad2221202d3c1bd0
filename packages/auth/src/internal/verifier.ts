import { type Caller, GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import type { KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Origin } from "../AuditEvent.ts"
import type { AccessTokens, TokenScope } from "./accessTokens.ts"
import type { ApiKeys } from "./apiKeys.ts"
import type { Audit } from "./audit.ts"
import type { Callers, Shown } from "./callers.ts"
import { CredentialCache } from "./credentialCache.ts"
import type { Refusals } from "./limits/refusals.ts"
import type { Revocations } from "./revocations.ts"
import { fingerprint } from "./secrets.ts"
import type { Sessions } from "./sessions/sessions.ts"

/** Longest credential that is looked at, in characters. */
const longest = 4_096

/** How a credential was shown: in the `Authorization` header, or as a cookie. */
export type ShownAs = "header" | "cookie"

interface Entry {
  readonly shown: Shown
  readonly as: ShownAs
  /** `None` where its identity is gone. */
  caller: Option.Option<Caller>
  /** The caller as an effect, so that the hot path makes none. */
  answer: Effect.Effect<Option.Option<Caller>>
  /** Commit at which `caller` was right. */
  seq: number
}

/** Shows possession of the key with a thumbprint. */
export type Possession = (jkt: string) => Effect.Effect<void, GateError>

/** Verifies credentials, most of the time by remembering that it has. */
export interface Verifier {
  /**
   * The caller behind a credential, always `Some`. `from` is asked when it is refused. A credential that is bound to a
   * key needs `possession`, and one that is not refuses it.
   */
  readonly verify: (
    credential: string,
    as: ShownAs,
    from?: () => Origin,
    possession?: Possession
  ) => Effect.Effect<Option.Option<Caller>, GateError>
  /** Refuses a credential in the same way, for a reason that is for the audit log. */
  readonly refuse: (
    reason: string,
    from: (() => Origin) | undefined,
    headers?: Readonly<Record<string, string>>
  ) => Effect.Effect<never, GateError>
}

export interface VerifierOptions {
  readonly kernel: KernelService
  readonly tokens: AccessTokens
  readonly keys: Pick<ApiKeys, "verify">
  readonly sessions: Pick<Sessions, "verify">
  readonly revocations: Pick<Revocations, "learn" | "reasonAgainst">
  readonly callers: Callers
  readonly audit: Pick<Audit, "writeRefusal">
  readonly refusals: Refusals
  /** Whether a credential is looked at however many were refused. */
  readonly isPrivileged: (credential: string) => boolean
  readonly cache: CredentialCache<Entry>
  /** Whether other processes may end credentials, too: then each is looked up each time. */
  readonly isShared: boolean
  /** Of the module. Requests are authenticated before they get any module's services. */
  readonly clock: Clock.Clock
}

/** Entries of verified credentials. */
export const makeCache = (limit: number): CredentialCache<Entry> => new CredentialCache(limit)

/** Where a credential is refused, `WWW-Authenticate` says so (RFC 6750, section 3.1). */
const challenge = { "www-authenticate": 'Bearer error="invalid_token"' }
const refused = (headers: Readonly<Record<string, string>> = challenge) =>
  GateError.make("UNAUTHENTICATED", "The credential is not valid.", { headers })
const unavailable = GateError.make("UNAVAILABLE", "Credentials cannot be checked just now.")

export const makeVerifier = (options: VerifierOptions): Verifier => {
  const { audit, cache, callers, clock, kernel } = options

  const refuse: Verifier["refuse"] = (reason, from, headers) => {
    const origin = from?.()
    const told = Effect.ignore(audit.writeRefusal({ event: "credential.refused", from: origin, details: { reason } }))
    const counted = origin === undefined ? told : Effect.andThen(told, options.refusals.count(origin))
    return Effect.andThen(counted, Effect.fail(refused(headers)))
  }

  /** Why a credential that is not known is not looked at for the moment. */
  const blocked = (credential: string, from: (() => Origin) | undefined): GateError | undefined =>
    from === undefined || options.isPrivileged(credential) ? undefined : options.refusals.reasonNot(from())

  const inspectKey = (key: string): Effect.Effect<Inspected, string | DatabaseError> =>
    Effect.map(options.keys.verify(key), ({ id, identity, kind, expiresAt }) => ({
      shown: { identity, credential: expiresAt === null ? { kind, id } : { kind, id, expiresAt } },
      believedUntil: expiresAt ?? Number.POSITIVE_INFINITY
    }))

  const verifyToken = (token: string) => {
    const verified = options.tokens.verify(token)
    return options.isShared ? Effect.tap(verified, options.revocations.learn) : verified
  }

  const inspectToken = (token: string): Effect.Effect<Inspected, string | DatabaseError> =>
    Effect.flatMap(verifyToken(token), (claims) => {
      const reason = options.revocations.reasonAgainst(claims)
      if (reason !== undefined) return Effect.fail(reason)
      const { expiresAt, identity, jkt, scope, tokenId } = claims
      const credential = { kind: "access-token", id: tokenId, expiresAt }
      return Effect.succeed({ shown: { identity, credential, scope: reaching(scope), jkt }, believedUntil: expiresAt })
    })

  const inspectSession = (value: string): Effect.Effect<Inspected, string | DatabaseError> =>
    Effect.map(options.sessions.verify(value), ({ id, identity, expiresAt, believedUntil }) => ({
      shown: { identity, credential: { kind: "session", id, expiresAt } },
      believedUntil
    }))

  const inspect = (credential: string, as: ShownAs): Effect.Effect<Inspected, string | DatabaseError> => {
    if (as === "cookie") return inspectSession(credential)
    return credential.startsWith("portico_") ? inspectKey(credential) : inspectToken(credential)
  }

  /** Brings an entry up to `seq`. `None` where the identity is gone. */
  const refresh = (entry: Entry, seq: number): Effect.Effect<Entry, PorticoError> =>
    Effect.map(callers.at(entry.shown, seq), (caller) => {
      entry.caller = caller
      entry.answer = Effect.succeed(caller)
      entry.seq = seq
      return entry
    })

  const outcome = (
    key: string,
    from: (() => Origin) | undefined,
    found: Effect.Effect<Entry, string | DatabaseError | PorticoError>
  ): Effect.Effect<Entry, GateError> =>
    Effect.matchEffect(found, {
      onSuccess: (entry) => {
        if (Option.isSome(entry.caller)) return Effect.succeed(entry)
        cache.drop(key)
        return refuse("its identity does not exist", from)
      },
      onFailure: (error) => {
        if (typeof error === "string") return refuse(error, from)
        return Effect.andThen(Effect.logError("A credential could not be checked.", error), Effect.fail(unavailable))
      }
    })

  const anew = (credential: string, as: ShownAs, key: string, seq: number, now: number) => {
    const { epoch } = cache
    return Effect.flatMap(inspect(credential, as), ({ believedUntil, shown }) => {
      const entry: Entry = { shown, as, caller: Option.none(), answer: nobody, seq }
      return Effect.tap(refresh(entry, seq), ({ caller }) => {
        if (Option.isSome(caller) && believedUntil > now && !options.isShared) {
          cache.put(key, { value: entry, expiresAt: believedUntil }, epoch)
        }
        return Effect.void
      })
    })
  }

  const seqNow = Effect.catch(kernel.seq, (error) =>
    Effect.andThen(Effect.logError("A credential could not be checked.", error), Effect.fail(unavailable))
  )

  const proven = (
    { answer, shown: { jkt } }: Entry,
    from: (() => Origin) | undefined,
    possession: Possession | undefined
  ): Effect.Effect<Option.Option<Caller>, GateError> => {
    if (jkt === undefined) return possession === undefined ? answer : refuse("not bound to the key", from)
    return possession === undefined ? refuse("shown without its key", from) : Effect.andThen(possession(jkt), answer)
  }

  const verify: Verifier["verify"] = (credential, as, from, possession) => {
    if (credential.length > longest) {
      const block = blocked(credential, from)
      if (block !== undefined) return Effect.fail(block)
      return Effect.provideService(refuse("too long", from), Clock.Clock, clock)
    }
    const key = fingerprint(credential)
    return Effect.flatMapEager(seqNow, (seq) => {
      const now = clock.currentTimeMillisUnsafe()
      const known = cache.get(key, now)
      // A session's value counts as a cookie only, where a page of somebody else cannot make use of it.
      const entry = known?.as === as ? known : undefined
      if (entry?.seq === seq && entry.shown.jkt === undefined && possession === undefined) return entry.answer
      const block = entry === undefined ? blocked(credential, from) : undefined
      if (block !== undefined) return Effect.fail(block)
      const looked =
        entry === undefined
          ? anew(credential, as, key, seq, now)
          : entry.seq === seq
            ? Effect.succeed(entry)
            : refresh(entry, seq)
      const found = Effect.flatMap(outcome(key, from, looked), (entry) => proven(entry, from, possession))
      return Effect.provideService(found, Clock.Clock, clock)
    })
  }

  return { verify, refuse: (...refusal) => Effect.provideService(refuse(...refusal), Clock.Clock, clock) }
}

const nobody: Effect.Effect<Option.Option<Caller>> = Effect.succeed(Option.none())

interface Inspected {
  readonly shown: Shown
  /** Milliseconds since the epoch, until which it need not be verified again. */
  readonly believedUntil: number
}

/** A scope that leaves everything is none. */
const reaching = (scope: TokenScope | undefined): TokenScope | undefined =>
  scope === undefined || scope.bounds.length === 0 ? undefined : scope
