import { type Caller, GateError, RequestOrigin } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import { Authority, type KernelService } from "@portico/kernel"
import { ALL, type PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { Audit } from "../audit.ts"
import type { Callers } from "../callers.ts"
import type { IdentityKeys } from "../identityKeys/identityKeys.ts"
import type { Refusals } from "../limits/refusals.ts"
import type { Proofs } from "../proof/dpop.ts"
import { type Delegation, reasonAgainst } from "./chain.ts"
import type { DelegationStore } from "./delegationStore.ts"
import type { DelegationTokens } from "./delegationTokens.ts"
import { delegationType } from "./delegationTokens.ts"

/** How every token that `makeDelegationTokens` signs begins, and no other of this instance's. */
const start = Buffer.from(`{"alg":"EdDSA","typ":"${delegationType}"`).toString("base64url").slice(0, -2)

/** Whether a credential is to be looked at as a delegation. */
export const isDelegation = (credential: string): boolean => credential.startsWith(start)

/** Longest that is looked at, in characters. */
const longest = 8_192

/** What tells who shows a delegation, and ends them. */
export interface Delegations {
  /** The caller behind one, its scope holding the bounds. Fails with `UNAUTHENTICATED`. */
  readonly authenticate: (
    credential: string,
    request: HttpServerRequest.HttpServerRequest | undefined
  ) => Effect.Effect<Caller, GateError>
  /** Those that the caller may revoke, the oldest first: its own, or what came of the one that it shows. */
  readonly list: (caller: Caller) => Effect.Effect<ReadonlyArray<Delegation>, DatabaseError>
  /** Ends one, and what came of it. Whoever holds every bit on `/` ends anybody's. Fails with `NOT_FOUND`. */
  readonly revoke: (caller: Caller, id: string) => Effect.Effect<Delegation, GateError | DatabaseError | PorticoError>
  /** Ends those of an identity that somebody made who had signed in: they are out again. */
  readonly endSignedIn: DelegationStore["revokeSignedIn"]
}

export interface DelegationsOptions {
  readonly kernel: KernelService
  readonly store: DelegationStore
  readonly tokens: DelegationTokens
  readonly keys: IdentityKeys
  readonly proofs: Proofs
  readonly callers: Callers
  readonly refusals: Refusals
  readonly audit: Audit
  /** URL of this instance. */
  readonly issuer: string
  readonly clock: Clock.Clock
}

const challenge = { "www-authenticate": 'DPoP error="invalid_token", Bearer error="invalid_token"' }
const refused = GateError.make("UNAUTHENTICATED", "The credential is not valid.", { headers: challenge })
const unavailable = GateError.make("UNAVAILABLE", "Credentials cannot be checked just now.")
const noSuch = GateError.make("NOT_FOUND", "There is no such delegation.")

export const makeDelegations = (options: DelegationsOptions): Delegations => {
  const { audit, callers, keys, kernel, proofs, refusals, store, tokens } = options

  /** Everything is looked up each time, so a revoke holds for the next request, whichever process that reaches. */
  const find = Effect.fnUntraced(function* (credential: string) {
    const claims = yield* tokens.verify(credential)
    const now = yield* Clock.currentTimeMillis
    const links = yield* store.find(claims.chain.slice(0, 64))
    const reason = reasonAgainst(claims, links, now)
    if (reason !== undefined) return yield* Effect.fail(reason)
    const found = links.find(({ id }) => id === claims.id)
    if (found === undefined) return yield* Effect.fail("not known")
    if (found.apiKey !== null && !(yield* store.isGoodKey(found.apiKey, now))) {
      return yield* Effect.fail("the key that it was made with is not good any more")
    }
    return found
  })

  /** Keys with which it has to be shown; none where whoever holds it may. */
  const keysFor = ({ audience, jkt }: Delegation): Effect.Effect<ReadonlySet<string> | undefined, DatabaseError> => {
    if (audience.kind !== "identity") return Effect.succeed(jkt === null ? undefined : new Set([jkt]))
    return Effect.map(
      keys.list(audience.id),
      (known) => new Set(known.map((key) => key.jkt).filter((key) => jkt === null || key === jkt))
    )
  }

  const prove = Effect.fnUntraced(function* (
    credential: string,
    of: Delegation,
    request: HttpServerRequest.HttpServerRequest | undefined
  ) {
    const wanted = yield* keysFor(of)
    if (wanted === undefined) return
    if (request === undefined) return yield* Effect.fail("it was shown without its key")
    // The path alone: under which name this instance is reached is for its settings to say, not for the request.
    const url = `${options.issuer}${new URL(request.originalUrl, options.issuer).pathname}`
    const shown = {
      request,
      proof: request.headers.dpop,
      method: request.method,
      urls: [url],
      credential,
      isKey: (jkt: string) => wanted.has(jkt),
      needsNonce: false
    }
    yield* Effect.mapError(proofs.verify(shown), (error) =>
      error._tag === "DatabaseError" ? error : `its proof: ${error._tag === "Invalid" ? error.reason : "no nonce"}`
    )
  })

  const callerOf = Effect.fnUntraced(function* (
    credential: string,
    request: HttpServerRequest.HttpServerRequest | undefined
  ): Effect.fn.Return<Caller, string | DatabaseError | PorticoError> {
    if (credential.length > longest) return yield* Effect.fail("too long")
    const found = yield* find(credential)
    yield* prove(credential, found, request)
    const { audience, bounds, expiresAt, id, root } = found
    const shown = { identity: root, credential: { kind: "delegation", id, expiresAt } }
    const caller = yield* callers.at(shown, yield* kernel.seq)
    if (Option.isNone(caller)) return yield* Effect.fail("its identity does not exist")
    const via = audience.kind === "identity" ? audience.id : undefined
    if (via !== undefined && Option.isNone(yield* kernel.node(`@${via}`))) {
      return yield* Effect.fail("who it is for does not exist")
    }
    // An operator's delegation opens no internal route: these know no bounds.
    return { ...caller.value, operator: false, scope: { bounds, ...(via === undefined ? undefined : { via }) } }
  })

  const list = (caller: Caller) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.map(store.list(caller.id, now), (all) => all.filter((one) => mayEnd(caller, one)))
    )

  return {
    list,
    endSignedIn: store.revokeSignedIn,
    authenticate: (credential, request) => {
      const from = request === undefined ? undefined : RequestOrigin.of(request)
      const block = from && refusals.reasonNot(from)
      if (block !== undefined) return Effect.fail(block)
      return callerOf(credential, request).pipe(
        Effect.catch((error) => {
          if (typeof error !== "string") {
            return Effect.andThen(
              Effect.logError("A credential could not be checked.", error),
              Effect.fail(unavailable)
            )
          }
          const event = { event: "credential.refused", from, details: { kind: "delegation", reason: error } }
          const told = Effect.ignore(audit.writeRefusal(event))
          const counted = from === undefined ? told : Effect.andThen(told, refusals.count(from))
          return Effect.andThen(counted, Effect.fail(refused))
        }),
        // Requests are authenticated before they get any module's services.
        Effect.provideService(Clock.Clock, options.clock)
      )
    },
    revoke: (caller, id) =>
      Effect.gen(function* () {
        const [found] = yield* store.find([id])
        const now = yield* Clock.currentTimeMillis
        if (found === undefined || found.revokedAt !== null || found.expiresAt <= now) return yield* Effect.fail(noSuch)
        if (!mayEnd(caller, found) && !(yield* holdsAll(kernel, caller))) return yield* Effect.fail(noSuch)
        yield* store.revoke(id, now)
        return found
      })
  }
}

/** A narrowed caller ends only what came of its own credential, and that one itself. */
const mayEnd = (caller: Caller, { chain, root }: Delegation): boolean => {
  if (root !== caller.id) return false
  if (caller.scope === undefined) return true
  const { id, kind } = caller.credential
  return kind === "delegation" && id !== undefined && chain.includes(id)
}

const holdsAll = (kernel: KernelService, caller: Caller): Effect.Effect<boolean, PorticoError> =>
  caller.scope === undefined
    ? Effect.map(kernel.mask(Authority.identity(caller.id), "/"), (mask) => mask === ALL)
    : Effect.succeed(false)
