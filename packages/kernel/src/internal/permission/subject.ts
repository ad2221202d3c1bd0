import { K } from "@portico/schema"
import { authenticatedPath, everyonePath } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByPath, preload, trashKey } from "../store/nodes.ts"
import { anyPlaceById, isInTree, isKeyInTree, type Place, placeById, placeByKey, placeOf } from "../store/places.ts"
import { closureOf, DamagedTree, maxClimb } from "./arithmetic.ts"
import { grantedOn, groupsOf, membershipsFrom } from "./grants.ts"

/** Identities that act together, with all their groups. */
export interface Subject {
  /** No other ever has it. */
  readonly number: number
  /** Keys. */
  readonly closure: ReadonlySet<number>
  /** Masks of nodes with grants, and of parents of those that were asked about; what is below follows from these. */
  readonly masks: Map<number, number>
}

let subjects = 0

/** A function that gives the key of a group that the first boot makes. */
const builtIn = (path: string) => {
  const slugs = path.slice(1).split("/")
  return (graph: Graph): number | undefined => nodeByPath(graph, path, slugs).node?.key
}
const authenticated = builtIn(authenticatedPath)
const everyone = builtIn(everyonePath)

/** Groups that an identity is itself in, by its key, where they were read along with it. */
type ReadAlong = Map<number, ReadonlyArray<number>>

/**
 * The subject of a half: its identities that exist, and the groups that need no membership. Remembered until a grant
 * or a membership changes.
 */
export const subjectOf = (graph: Graph, identity: string | null, also: ReadonlyArray<string>): Subject => {
  const name = also.length === 0 ? (identity ?? "") : `${identity} ${also.join(" ")}`
  const known = graph.caches.subjects?.get(name)
  if (known !== undefined) return known
  const along: ReadAlong = new Map()
  const { asked } = graph
  const acting = actingIn(graph, identity, also, along)
  const closure = closureFrom(graph, acting, along)
  // Who asks is no part of what is asked about.
  graph.asked = asked
  const subject: Subject = { number: ++subjects, closure, masks: new Map() }
  graph.caches.subjects?.set(name, subject)
  return subject
}

/** Keys of the identities of a half that exist, and of the groups that need no membership. */
export const actingIn = (
  graph: Graph,
  identity: string | null,
  also: ReadonlyArray<string>,
  along: ReadAlong = new Map()
): ReadonlyArray<number> => {
  const keys: Array<number> = []
  const add = (key: number | undefined) => {
    if (key !== undefined) keys.push(key)
  }
  for (const id of identity === null ? [] : [identity, ...also]) add(identityKey(graph, id, along))
  // An identity that is gone has shown no credential that still means anything.
  if (keys.length > 0) add(authenticated(graph))
  add(everyone(graph))
  return keys
}

const selectWithGroups = `SELECT nodes.key, nodes.parent * 2 + nodes.granted AS place, edges.target AS "group"
  FROM nodes LEFT JOIN edges ON edges.source = nodes.key AND edges.class = ? WHERE nodes.id = ?`

/** Key of an identity that exists, read with its groups where that is one statement less. */
const identityKey = (graph: Graph, id: string, along: ReadAlong): number | undefined => {
  const memberOf = graph.schema.type(graph, K.member_of.ref)?.key
  // Where each question is a round trip, groups are asked for with all that they are in.
  if (graph.sql.dialect === "postgres" || memberOf === undefined) return placeById(graph, id)?.key
  const rows = graph.conn.prepare(selectWithGroups).all(memberOf, id)
  const [first] = rows
  if (first === undefined) return undefined
  const key = Number(first.key)
  if (!isInTree(graph, placeOf(key, Number(first.place)))) return undefined
  along.set(key, first.group === null ? [] : rows.map(({ group }) => Number(group)))
  return key
}

/** Identities with all their groups. */
const closureFrom = (graph: Graph, keys: ReadonlyArray<number>, along: ReadAlong): ReadonlySet<number> => {
  const memberOf = graph.schema.type(graph, K.member_of.ref)
  const groups = memberOf === undefined ? () => [] : groupsFor(graph, keys, memberOf.key)
  const inTree = (key: number): ReadonlyArray<number> => {
    // Who acts is remembered with all of its groups, as a subject.
    const read = along.get(key)
    if (read !== undefined) return read.filter((group) => isKeyInTree(graph, group))
    const known = graph.caches.groups?.get(key)
    if (known !== undefined) return known
    const found = groups(key).filter((group) => isKeyInTree(graph, group))
    graph.caches.groups?.set(key, found)
    return found
  }
  return closureOf({ parentOf: () => undefined, groupsOf: inTree, grantedOn: () => 0 }, keys)
}

/** Asks for the groups of each identity, or for all at once where each question is a round trip. */
const groupsFor = (graph: Graph, keys: ReadonlyArray<number>, memberOfKey: number) => {
  if (graph.sql.dialect === "sqlite") return (key: number) => groupsOf(graph, key, memberOfKey)
  const groups = membershipsFrom(graph, keys, memberOfKey)
  preload(graph, [...new Set([...groups.values()].flat())])
  return (key: number) => groups.get(key) ?? []
}

/** Identities with all their groups, in the trash or not. */
export const everClosureOf = (graph: Graph, ids: ReadonlyArray<string>): ReadonlySet<number> => {
  const memberOf = graph.schema.type(graph, K.member_of.ref)?.key ?? 0
  const keys = ids.flatMap((id) => anyPlaceById(graph, id)?.key ?? [])
  return closureOf(
    { parentOf: () => undefined, groupsOf: (key) => groupsOf(graph, key, memberOf), grantedOn: () => 0 },
    keys
  )
}

/** What the subject was granted on a node itself. */
export const ownMask = (graph: Graph, node: Place, subject: Subject): number =>
  node.granted ? grantedOn(graph, node.key, subject.closure) : 0

/**
 * The subject's mask on a node: what was granted on it and on each ancestor. A node's mask is its parent's and its
 * own grants, so climbing ends at the first ancestor whose mask is remembered, and most nodes need none of their own.
 * On what was deleted, and on everything below it, nobody has any bit.
 */
export const maskOn = (graph: Graph, subject: Subject, node: Place): number => {
  const remember = graph.caches.subjects !== undefined
  if (!remember || !(node instanceof NodeRecord)) return maskFrom(graph, subject, node, remember)
  if (node.subject === subject.number) return node.mask
  const mask = maskFrom(graph, subject, node, remember)
  node.subject = subject.number
  node.mask = mask
  return mask
}

const maskFrom = (graph: Graph, subject: Subject, node: Place, remember: boolean): number => {
  // Most nodes have their parent's, which their neighbours ask for as well.
  const inherited = remember && !node.granted ? subject.masks.get(node.parent) : undefined
  if (inherited !== undefined) return inherited
  const known = remember ? subject.masks.get(node.key) : undefined
  if (known !== undefined) return known
  let mask = 0
  const climbed: Array<Place> = []
  for (let at: Place | undefined = node; ; at = placeByKey(graph, at.parent)) {
    // What has no way up to Root is in no tree.
    if (at === undefined || at.parent === trashKey) return 0
    const above = remember ? subject.masks.get(at.key) : undefined
    if (above !== undefined) {
      mask = above
      break
    }
    if (climbed.length >= maxClimb) throw new DamagedTree(node.key)
    climbed.push(at)
    if (at.parent === 0) break
  }
  for (let i = climbed.length - 1; i >= 0; i--) {
    const at = climbed[i]
    if (at === undefined) continue
    mask |= ownMask(graph, at, subject)
    if (remember && (i === 1 || at.granted) && !graph.caches.isDirty(at.key)) {
      graph.caches.countMask()
      subject.masks.set(at.key, mask)
    }
  }
  return mask
}
