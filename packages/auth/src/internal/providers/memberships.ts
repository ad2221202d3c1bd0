import type { DatabaseError } from "@portico/gate/database"
import { Authority, type KernelService } from "@portico/kernel"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { type Claims, textsAt } from "./claims.ts"
import type { Link, Links } from "./links.ts"
import type { Provider } from "./profiles.ts"

/** What changed about somebody's memberships. Node ids of Roles and Groups. */
export interface Synced {
  readonly added: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  /** Paths of the settings that are neither a Role nor a Group. */
  readonly missing: ReadonlyArray<string>
}

/** Memberships that a provider's groups give. Those that somebody has otherwise are left alone. */
export interface Memberships {
  readonly sync: (provider: Provider, link: Link, claims: Claims) => Effect.Effect<Synced, PorticoError | DatabaseError>
  /** Takes all of them away. */
  readonly end: (link: Link) => Effect.Effect<void, PorticoError | DatabaseError>
}

const groups: ReadonlySet<string> = new Set([K.Group.ref, K.Role.ref])

/** Paths of the Roles and Groups that somebody has by what the provider says. */
export const groupsFor = (provider: Provider, claims: Claims): ReadonlyArray<string> => {
  const theirs = textsAt(claims, provider.groupsClaim)
  const named = theirs.flatMap((name) => (Object.hasOwn(provider.groups, name) ? [provider.groups[name]] : []))
  return [...new Set(named.filter((path) => path !== undefined))]
}

export const makeMemberships = (kernel: KernelService, links: Links): Memberships => {
  const groupAt = (path: string) =>
    Effect.map(kernel.node(path), (found) =>
      Option.isSome(found) && groups.has(found.value.class) ? found.value.id : undefined
    )

  // Kept before it is given: a membership that nobody remembers would never be taken again.
  const add = Effect.fnUntraced(function* (link: Link, group: string, isKept: boolean) {
    if (!isKept) yield* links.putGroup(link.id, group)
    const params = { member: `@${link.identity}` }
    const { result } = yield* kernel.call(Authority.system, { path: `@${group}::addMember`, params })
    const isNew = Predicate.hasProperty(result, "added") && result.added === true
    if (!isNew && !isKept) yield* links.dropGroup(link.id, group)
    return isNew
  })

  const remove = Effect.fnUntraced(function* (link: Link, group: string) {
    const isThere = Option.isSome(yield* kernel.node(`@${group}`))
    const params = { member: `@${link.identity}` }
    if (isThere) yield* kernel.call(Authority.system, { path: `@${group}::removeMember`, params })
    yield* links.dropGroup(link.id, group)
  })

  return {
    sync: (provider, link, claims) =>
      Effect.gen(function* () {
        const kept = new Set(yield* links.groupsOf(link.id))
        const wanted = new Set<string>()
        const missing: Array<string> = []
        for (const path of groupsFor(provider, claims)) {
          const group = yield* groupAt(path)
          if (group === undefined) missing.push(path)
          else wanted.add(group)
        }
        const removed = [...kept].filter((group) => !wanted.has(group))
        for (const group of removed) yield* remove(link, group)
        const added: Array<string> = []
        for (const group of wanted) if (yield* add(link, group, kept.has(group))) added.push(group)
        return { added, removed, missing }
      }),
    end: (link) =>
      Effect.flatMap(links.groupsOf(link.id), (kept) =>
        Effect.forEach(kept, (group) => remove(link, group), { discard: true })
      )
  }
}
