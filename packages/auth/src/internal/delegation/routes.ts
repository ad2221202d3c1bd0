import { Kernel } from "@portico/kernel"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import { AuthInternals } from "../AuthInternals.ts"
import { registersKeys } from "../identities.ts"
import { keyOwner } from "../keyOwner.ts"
import { caller, json, origin, shownCaller } from "../routes/answers.ts"
import type { Audience, Delegation } from "./chain.ts"
import * as operations from "./openapi.ts"

const audienceText = (audience: Audience): string | null => {
  switch (audience.kind) {
    case "holder":
      return null
    case "identity":
      return `@${audience.id}`
    case "service":
      return audience.url
  }
}

const shown = ({ audience, bounds, chain, createdAt, expiresAt, id, jkt }: Delegation) => ({
  id,
  chain,
  audience: audienceText(audience),
  bounds,
  jkt,
  createdAt,
  expiresAt
})

const list = Effect.gen(function* () {
  const { delegation } = yield* AuthInternals
  const found = yield* delegation.delegations.list(yield* shownCaller)
  return json({ delegations: found.map(shown) })
})

const revoke = Effect.gen(function* () {
  const { auth, delegation } = yield* AuthInternals
  const by = yield* shownCaller
  const { params } = yield* HttpRouter.RouteContext
  const ended = yield* delegation.delegations.revoke(by, params.id ?? "")
  yield* auth.audit({
    event: "delegation.revoked",
    identity: ended.root,
    actor: by.id,
    from: yield* origin,
    details: { id: ended.id }
  })
  return HttpServerResponse.empty()
})

/** Whose registered keys a request is about: `?identity=`, or one's own. */
const ofWhom = Effect.fnUntraced(function* (by: { readonly id: string }) {
  const { identity } = yield* HttpServerRequest.ParsedSearchParams
  const id = yield* keyOwner(by, typeof identity === "string" ? identity : undefined, registersKeys)
  const node = Option.getOrUndefined(yield* (yield* Kernel).node(`@${id}`))
  return { id, domain: node?.class === K.Domain.ref ? node.slug : undefined }
})

const listKeys = Effect.gen(function* () {
  const { delegation } = yield* AuthInternals
  const { domain, id } = yield* ofWhom(yield* shownCaller)
  const keys = yield* domain === undefined ? delegation.keys.list(id) : delegation.keys.pinned(domain)
  return json({ keys: keys.map(({ createdAt, jkt, x }) => ({ jkt, x, createdAt })) })
})

const removeKey = Effect.gen(function* () {
  const { auth, delegation } = yield* AuthInternals
  const by = yield* caller
  const { domain, id } = yield* ofWhom(by)
  const { params } = yield* HttpRouter.RouteContext
  const jkt = params.jkt ?? ""
  yield* domain === undefined ? delegation.keys.remove(id, jkt) : delegation.keys.unpin(domain, jkt)
  const actor = by.id === id ? undefined : by.id
  yield* auth.audit({ event: "identity-key.removed", identity: id, actor, from: yield* origin, details: { jkt } })
  return HttpServerResponse.empty()
})

/** What can be seen and ended of delegations and of the keys that they are shown with. */
export const delegationRoutes = [
  {
    id: "route:delegations",
    scope: "public",
    mountPath: "/auth/delegations",
    openapi: operations.list,
    handle: list
  },
  {
    id: "route:delegations-revoke",
    scope: "public",
    mountPath: "/auth/delegations/:id",
    method: "DELETE",
    openapi: operations.revoke,
    handle: revoke
  },
  {
    id: "route:identity-keys",
    scope: "public",
    mountPath: "/auth/identity-keys",
    openapi: operations.listKeys,
    handle: listKeys
  },
  {
    id: "route:identity-keys-remove",
    scope: "public",
    mountPath: "/auth/identity-keys/:jkt",
    method: "DELETE",
    openapi: operations.removeKey,
    handle: removeKey
  }
] as const
