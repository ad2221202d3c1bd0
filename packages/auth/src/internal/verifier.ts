import { type Caller, GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import type { KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Origin } from "../AuditEvent.ts"
import type { AccessTokens } from "./accessTokens.ts"
import type { ApiKeys } from "./apiKeys.ts"
import type { Audit } from "./audit.ts"
import type { Callers, Shown } from "./callers.ts"
import { CredentialCache } from "./credentialCache.ts"
import { fingerprint } from "./secrets.ts"

/** Longest credential that is looked at, in characters. */
const longest = 4_096

interface Entry {
  readonly shown: Shown
  caller: Option.Option<Caller>
  /** Commit at which `caller` was right. */
  seq: number
}

/** Verifies credentials, most of the time by remembering that it has. */
export interface Verifier {
  /** The caller behind a credential, always `Some`. `from` is asked when it is refused. */
  readonly verify: (credential: string, from?: () => Origin) => Effect.Effect<Option.Option<Caller>, GateError>
}

export interface VerifierOptions {
  readonly kernel: KernelService
  readonly tokens: AccessTokens
  readonly keys: Pick<ApiKeys, "verify">
  readonly callers: Callers
  readonly audit: Pick<Audit, "writeRefusal">
  readonly cache: CredentialCache<Entry>
  /** Of the module. Requests are authenticated before they get any module's services. */
  readonly clock: Clock.Clock
}

/** Entries of verified credentials. */
export const makeCache = (limit: number): CredentialCache<Entry> => new CredentialCache(limit)

/** Where a credential is refused, `WWW-Authenticate` says so (RFC 6750, section 3.1). */
const challenge = { "www-authenticate": 'Bearer error="invalid_token"' }
const refused = GateError.make("UNAUTHENTICATED", "The credential is not valid.", { headers: challenge })
const unavailable = GateError.make("UNAVAILABLE", "Credentials cannot be checked just now.")

export const makeVerifier = (options: VerifierOptions): Verifier => {
  const { audit, cache, callers, clock, kernel } = options

  const refuse = (reason: string, from: (() => Origin) | undefined): Effect.Effect<never, GateError> =>
    Effect.andThen(
      Effect.ignore(audit.writeRefusal({ event: "credential.refused", from: from?.(), details: { reason } })),
      Effect.fail(refused)
    )

  const inspect = (credential: string): Effect.Effect<Shown, string | DatabaseError> => {
    if (credential.startsWith("portico_")) {
      return Effect.map(options.keys.verify(credential), ({ id, identity, kind, expiresAt }) => ({
        identity,
        credential: expiresAt === null ? { kind, id } : { kind, id, expiresAt }
      }))
    }
    return Effect.map(options.tokens.verify(credential), ({ identity, tokenId, expiresAt }) => ({
      identity,
      credential: { kind: "access-token", id: tokenId, expiresAt }
    }))
  }

  /** Brings an entry up to `seq`. `None` where the identity is gone. */
  const refresh = (entry: Entry, seq: number): Effect.Effect<Option.Option<Caller>, PorticoError> =>
    Effect.map(callers.at(entry.shown, seq), (caller) => {
      entry.caller = caller
      entry.seq = seq
      return caller
    })

  const outcome = (
    key: string,
    from: (() => Origin) | undefined,
    found: Effect.Effect<Option.Option<Caller>, string | DatabaseError | PorticoError>
  ): Effect.Effect<Option.Option<Caller>, GateError> =>
    Effect.matchEffect(found, {
      onSuccess: (caller) => {
        if (Option.isSome(caller)) return Effect.succeed(caller)
        cache.drop(key)
        return refuse("its identity does not exist", from)
      },
      onFailure: (error) => {
        if (typeof error === "string") return refuse(error, from)
        return Effect.andThen(Effect.logError("A credential could not be checked.", error), Effect.fail(unavailable))
      }
    })

  const anew = (credential: string, key: string, seq: number, now: number) => {
    const { epoch } = cache
    return Effect.flatMap(inspect(credential), (shown) => {
      const entry: Entry = { shown, caller: Option.none(), seq }
      return Effect.tap(refresh(entry, seq), (caller) => {
        const expiresAt = shown.credential.expiresAt ?? Number.POSITIVE_INFINITY
        if (Option.isSome(caller) && expiresAt > now) cache.put(key, { value: entry, expiresAt }, epoch)
        return Effect.void
      })
    })
  }

  const verify: Verifier["verify"] = (credential, from) => {
    if (credential.length > longest) return Effect.provideService(refuse("too long", from), Clock.Clock, clock)
    const key = fingerprint(credential)
    return Effect.flatMapEager(kernel.seq, (seq) => {
      const now = clock.currentTimeMillisUnsafe()
      const entry = cache.get(key, now)
      if (entry !== undefined && entry.seq === seq) return Effect.succeed(entry.caller)
      const found = entry === undefined ? anew(credential, key, seq, now) : refresh(entry, seq)
      return Effect.provideService(outcome(key, from, found), Clock.Clock, clock)
    })
  }

  return { verify }
}
