import type { DatabaseError } from "@portico/gate/database"
import type { Authority, Half, KernelCallableCall, KernelService, NodeView } from "@portico/kernel"
import { type K, Mask, type ParamsOf, PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ApiKeyKind } from "../apiKeys.ts"
import { type Audit, originOf } from "../audit.ts"
import { registersKeys } from "../identities.ts"
import type { IdentityKeys } from "../identityKeys/identityKeys.ts"
import { randomName } from "../secrets.ts"
import { callableIds, nodeIds } from "./areas.ts"
import {
  type Audience,
  boundOf,
  type Delegation,
  endOf,
  longestChain,
  mostBounds,
  reasonAgainst,
  type Wish
} from "./chain.ts"
import type { DelegationStore } from "./delegationStore.ts"
import type { DelegationTokens } from "./delegationTokens.ts"
import { refuseWider } from "./exact.ts"

/** What `I::mintDelegationCredential` answers. */
export interface Minted {
  readonly id: string
  readonly credential: string
  readonly tokenType: "Bearer" | "DPoP"
  readonly audience: string
  readonly expiresAt: number
  readonly chain: ReadonlyArray<string>
}

export interface MintTools {
  readonly kernel: KernelService
  readonly store: DelegationStore
  readonly keys: IdentityKeys
  readonly tokens: DelegationTokens
  readonly audit: Audit
  readonly issuer: string
  /** Seconds that a credential lasts at most. */
  readonly longest: number
}

// Boundary: the kernel has checked the params against the contract that this type comes from.
type Params = ParamsOf<typeof K.Identity.mintDelegationCredential>

/** The implementation of `I::mintDelegationCredential`: everything in it can only make the new credential narrower. */
export const makeMint = (tools: MintTools) => {
  const { audit, kernel, keys, store, tokens } = tools

  const mint = Effect.fnUntraced(function* (
    authority: Authority,
    self: NodeView,
    params: Params
  ): Effect.fn.Return<Minted, PorticoError | DatabaseError> {
    const half = authority.halves.find(({ identity }) => identity === self.id)
    if (half === undefined) return yield* Effect.fail(onlyOwn(self))
    const now = yield* Clock.currentTimeMillis
    const parent = yield* parentOf(store, authority, half, now)
    const chain = parent?.chain ?? []
    if (chain.length >= longestChain) return yield* Effect.fail(tooLong)
    if (half.bounds.length >= mostBounds) return yield* Effect.fail(tooNarrow)
    const audience = yield* audienceOf(kernel, keys, authority, params.audience, tools.issuer)
    const wish: Wish = {
      nodes: yield* nodeIds(kernel, authority, params.scope?.nodes),
      functions: yield* callableIds(kernel, authority, params.scope?.functions),
      perms: yield* maskOf(params.scope?.perms)
    }
    if (params.exact === true) yield* refuseWider(kernel, { ...authority, halves: [half] }, half, wish)
    const bound = boundOf(wish)
    const id = randomName()
    const delegation: Delegation = {
      id,
      root: self.id,
      chain: [...chain, id],
      bounds: [...half.bounds, bound],
      ...heldBy(audience, params.cnf?.jkt ?? null, parent),
      apiKey: parent?.apiKey ?? apiKeyOf(authority, half),
      createdAt: now,
      expiresAt: endOf(now, Math.min(params.ttl, tools.longest), [
        parent?.expiresAt,
        // Whatever is narrowed is worth no more than what it was narrowed by.
        half.bounds.length > 0 ? authority.credential?.expiresAt : undefined,
        authority.deadline
      ]),
      revokedAt: null
    }
    if (delegation.expiresAt <= now) return yield* Effect.fail(overAlready)
    yield* store.add(delegation)
    const minted = yield* sign(tokens, tools.issuer, delegation, bound)
    const details = { id, chain: delegation.chain, audience, bound, expiresAt: delegation.expiresAt }
    const from = originOf(authority)
    yield* audit.write({ event: "delegation.minted", identity: self.id, actor: authority.via, from, details })
    return minted
  })

  return ({ authority, params, self }: KernelCallableCall): Effect.Effect<Minted, PorticoError> =>
    self === undefined
      ? Effect.die(new Error("mintDelegationCredential is called on an identity"))
      : storeFailures(mint(authority, self, params as Params))
}

/** What the catalogue says of a store that cannot be reached. */
export const storeFailures = <A>(
  effect: Effect.Effect<A, PorticoError | DatabaseError>
): Effect.Effect<A, PorticoError> =>
  Effect.catchTag(effect, "DatabaseError", (error) => {
    const full = error.code === "STORAGE_FULL"
    const told = full
      ? PorticoError.make("STORAGE_FULL", "There is no space to keep credentials.")
      : PorticoError.make("UNAVAILABLE", "Credentials cannot be kept just now.")
    return Effect.andThen(Effect.logError("Credentials could not be kept.", error), Effect.fail(told))
  })

/** The credential that the caller showed, if that was a delegation: checked again, since it may have ended since. */
const parentOf = Effect.fnUntraced(function* (store: DelegationStore, authority: Authority, half: Half, now: number) {
  const { credential } = authority
  if (half.kind !== "caller" || credential?.kind !== "delegation") return undefined
  const [parent] = yield* store.find([credential.id ?? ""])
  if (parent === undefined) return yield* Effect.fail(ended)
  const reason = reasonAgainst({ root: half.identity ?? "", chain: parent.chain }, yield* store.find(parent.chain), now)
  return reason === undefined ? parent : yield* Effect.fail(ended)
})

const keyKinds: ReadonlySet<string> = new Set(["api-key", "operator-token", "enrolment"] satisfies Array<ApiKeyKind>)

const apiKeyOf = ({ credential }: Authority, { kind }: Half): string | null =>
  kind === "caller" && credential !== undefined && keyKinds.has(credential.kind) ? (credential.id ?? null) : null

/** Who may show it. A child of one that is bound to a key is bound to a key: another one, or the same. */
const heldBy = (
  audience: Audience,
  jkt: string | null,
  parent: Delegation | undefined
): Pick<Delegation, "audience" | "jkt"> =>
  parent !== undefined && jkt === null && audience.kind === "holder"
    ? { audience: parent.audience, jkt: parent.jkt }
    : { audience, jkt }

const sign = (tokens: DelegationTokens, issuer: string, of: Delegation, scope: ReturnType<typeof boundOf>) => {
  const { audience, chain, expiresAt, id, jkt, root } = of
  const url = audience.kind === "service" ? audience.url : issuer
  const actor = audience.kind === "identity" ? audience.id : undefined
  return Effect.map(
    tokens.sign({ id, root, chain, scope, expiresAt, audience: url, actor, jkt: jkt ?? undefined }),
    (credential): Minted => ({
      id,
      credential,
      tokenType: jkt === null && actor === undefined ? "Bearer" : "DPoP",
      audience: actor === undefined ? url : `@${actor}`,
      expiresAt,
      chain
    })
  )
}

const audienceOf = Effect.fnUntraced(function* (
  kernel: KernelService,
  keys: IdentityKeys,
  authority: Authority,
  text: string | undefined,
  issuer: string
) {
  if (text === undefined || text === issuer) return { kind: "holder" } satisfies Audience
  if (text.startsWith("/") || text.startsWith("@")) {
    const { id, path, ...node } = yield* kernel.resolve(authority, text)
    if (!registersKeys({ id, path, ...node })) {
      return yield* invalid("audience", `${path} is no User, Service or Domain`)
    }
    const known = yield* keys.list(id)
    if (known.length === 0) return yield* invalid("audience", `${path} has registered no key to show it with`)
    return { kind: "identity", id } satisfies Audience
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:"
  if (!isHttp || text.includes("#") || text.length > 1_024) {
    return yield* invalid("audience", "has to be an address of this instance, or a URL")
  }
  return { kind: "service", url: text } satisfies Audience
})

const maskOf = (perms: unknown): Effect.Effect<number | undefined, PorticoError> => {
  if (perms === undefined) return Effect.succeed(undefined)
  const mask = Mask.fromInput(perms)
  return mask === undefined ? invalid("scope.perms", "a mask from 0 to 15, or names of bits") : Effect.succeed(mask)
}

const invalid = (param: string, message: string): Effect.Effect<never, PorticoError> =>
  Effect.fail(
    PorticoError.make("INVALID_PARAMS", `${param}: ${message}`, {
      issues: [{ path: param.split("."), code: "credential", message }]
    })
  )

const onlyOwn = ({ path }: NodeView): PorticoError =>
  PorticoError.make("PERMISSION_DENIED", `Only ${path} itself delegates what it may do.`, { on: path })

const tooLong = PorticoError.make("LIMIT_EXCEEDED", `A chain has at most ${longestChain} credentials.`, {
  limit: "delegationChain",
  max: longestChain
})
const tooNarrow = PorticoError.make("LIMIT_EXCEEDED", `A credential carries at most ${mostBounds} bounds.`, {
  limit: "delegationBounds",
  max: mostBounds
})
const overAlready = PorticoError.make("TIMEOUT", "What it would be narrowed from ends before it could begin.")
const ended = PorticoError.make("UNAUTHENTICATED", "The credential that was shown is not good any more.")
