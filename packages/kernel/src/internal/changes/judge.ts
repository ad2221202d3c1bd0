import { READ } from "@portico/schema"
import { edgeProps } from "../ops/history.ts"
import type { Op } from "../ops/Op.ts"
import type { StandingHalf } from "../permission/Standing.ts"
import type { TypeInfo } from "../schema/types.ts"
import { type ChangeRow, chainOf, propsAfter } from "../store/changes.ts"
import { nodeByKey, type Props } from "../store/nodes.ts"
import { chainAsIf } from "../store/trash.ts"
import { boundTops, isAboveSight } from "./aboveSight.ts"
import type { Change } from "./Change.ts"

/** What a watcher asked for. */
export interface Watch {
  /** Key of the node at the top of what is watched. */
  readonly under: number | undefined
  /** Class or interface of nodes, or class of edges. */
  readonly type: TypeInfo | undefined
}

/** What a watcher may be told of a change, and asked for; undefined for nothing. */
export type Verdict = Omit<Change, "seq" | "part" | "at" | "actor" | "rev"> | undefined

const everything: Verdict = { op: "reset", under: "/" }
const resetAt = (id: string): Verdict => ({ op: "reset", under: `@${id}` })

/**
 * What the caller is told of a change. Whether they may READ is asked of the grants as they are now, on the nodes that
 * were above at the time: so nobody is shown what was changed in a place that is hidden from them, and whoever lost a
 * place is shown nothing more of it. What changes the caller's own READ as a whole becomes a reset.
 */
export const judge = (op: Op, watch: Watch, row: ChangeRow): Verdict => {
  switch (row.op) {
    case "install":
      return everything
    case "grant":
    case "revoke":
      return ownGrant(op, watch, row) ?? edgeChange(op, watch, row)
    case "addMember":
    case "removeMember":
      return isOwn(op, row.node) ? everything : edgeChange(op, watch, row)
    case "link":
    case "updateLink":
    case "unlink":
      return edgeChange(op, watch, row)
    case "create":
    case "update":
      return nodeChange(op, watch, row)
    case "move":
    case "delete":
    case "restore":
      return carriesIdentity(op, row) ? everything : placeChange(op, watch, row)
  }
}

const isOwn = (op: Op, key: number): boolean => op.standing.halves.some(({ subject }) => subject.closure.has(key))

/** A grant to the caller, or to a group of theirs, that gave or took READ. */
const ownGrant = (op: Op, watch: Watch, row: ChangeRow): Verdict => {
  const { after, before, node, target, targetAbove, targetId } = row
  if (target === null || targetId === null || !isOwn(op, node)) return undefined
  if (((Number(before) ^ Number(after)) & READ) === 0) return undefined
  const chain = chainOf(targetAbove ?? "", target)
  // Whom a bound keeps from the node itself cannot know what is below it.
  const own = op.standing.halves.filter(({ subject }) => subject.closure.has(node))
  const verdict = own.some((half) => covers(half, chain)) ? resetAt(targetId) : everything
  const { under } = watch
  if (under === undefined || chain.includes(under)) return verdict
  return isAbove(op, target, under) ? verdict : undefined
}

/** Whether every bound of a half has a chain in it. */
const covers = ({ areas }: StandingHalf, chain: ReadonlyArray<number>): boolean =>
  areas.every(({ nodes }) => nodes === "all" || chain.some((key) => nodes.has(key)))

/** Whether `top` is above a node now. */
const isAbove = (op: Op, top: number, node: number): boolean => {
  const record = nodeByKey(op.graph, node)
  return record !== undefined && chainAsIf(op.graph, record).includes(top)
}

/**
 * Whether one of the caller's identities, a group for one, was deleted or came back with a node. Groups count that are in
 * the trash: it is by their memberships that they are known.
 */
const carriesIdentity = (op: Op, row: ChangeRow): boolean => {
  if (row.op === "move") return false
  for (const key of op.standing.everClosure()) if (key === row.node || isAbove(op, row.node, key)) return true
  return false
}

interface Seen {
  /** May be READ. */
  readonly readable: boolean
  /** And is in what is watched. */
  readonly watched: boolean
}

const nowhere: Seen = { readable: false, watched: false }

const lookAt = (op: Op, watch: Watch, above: string | null, key: number): Seen => {
  if (above === null) return nowhere
  const chain = chainOf(above, key)
  const readable = (op.standing.maskAlong(chain) & READ) !== 0
  return { readable, watched: readable && (watch.under === undefined || chain.includes(watch.under)) }
}

const edgeChange = (op: Op, watch: Watch, row: ChangeRow): Verdict => {
  const { class: key, slug, target, targetId } = row
  if (key === null || target === null || targetId === null) return undefined
  const type = op.graph.schema.typeByKey(op.graph, key)
  // Of a class that is gone; everybody was told to read afresh.
  if (type === undefined || (watch.type !== undefined && watch.type.key !== key)) return undefined
  const [source, end] = [lookAt(op, watch, row.above, row.node), lookAt(op, watch, row.targetAbove, target)]
  if (!source.readable || !end.readable || !(source.watched || end.watched)) return undefined
  return {
    op: row.op,
    edge: {
      class: type.ref,
      source: row.nodeId,
      target: targetId,
      ...(slug === null || slug === "" ? undefined : { slug }),
      props: edgeProps(row, row.after ?? row.before),
      rev: row.seq
    }
  }
}

/** Whether the node is of the class that is watched; undefined where its own class is gone. */
const fits = (op: Op, watch: Watch, row: ChangeRow): { readonly ref: string; readonly wanted: boolean } | undefined => {
  const type = op.graph.schema.typeByKey(op.graph, row.nodeClass)
  if (type === undefined) return undefined
  return { ref: type.ref, wanted: watch.type === undefined || type.fits.has(watch.type.ref) }
}

const nodeOf = (op: Op, row: ChangeRow, ref: string, path: string | null, withProps: boolean): Verdict => {
  const text = withProps ? propsAfter(op.graph, row.node, row.number) : undefined
  return {
    op: row.op,
    node: {
      id: row.nodeId,
      path: path ?? "",
      class: ref,
      // Boundary: written by us, from props.
      ...(text === undefined ? undefined : { props: JSON.parse(text) as Props })
    }
  }
}

const nodeChange = (op: Op, watch: Watch, row: ChangeRow): Verdict => {
  const type = fits(op, watch, row)
  if (type?.wanted !== true || !lookAt(op, watch, row.above, row.node).watched) return undefined
  return nodeOf(op, row, type.ref, row.path, true)
}

/**
 * What was in a place that the caller does not see, or that is above what is watched, and took along what they do see:
 * it is at another path now, or came or went.
 */
const carriedAlong = (op: Op, { under }: Watch, row: ChangeRow): Verdict => {
  // The top of a bound is out of sight itself once it was deleted.
  if (row.holds !== 1 && boundTops(op).length === 0) return undefined
  if (under === undefined) return isAboveSight(op, row.node) ? everything : undefined
  const top = nodeByKey(op.graph, under)
  return top !== undefined && isAbove(op, row.node, under) ? resetAt(top.id) : undefined
}

/** A node that is somewhere else afterwards, with everything below it: what is in sight may change, too. */
const placeChange = (op: Op, watch: Watch, row: ChangeRow): Verdict => {
  const type = fits(op, watch, row)
  if (type === undefined) return undefined
  const [before, after] = [lookAt(op, watch, row.fromAbove, row.node), lookAt(op, watch, row.above, row.node)]
  if (!before.watched && !after.watched) return carriedAlong(op, watch, row)
  // What a class leaves out may hold what it lets through, or have edges that it does.
  if (!type.wanted) return row.holds === 1 || watch.type?.kind === "edge" ? resetAt(row.nodeId) : undefined
  switch (row.op) {
    case "delete":
      return nodeOf(op, row, type.ref, row.fromPath, false)
    case "restore":
      return after.readable ? nodeOf(op, row, type.ref, row.path, true) : resetAt(row.nodeId)
    default: {
      if (!before.watched || !after.readable) return resetAt(row.nodeId)
      const moved = nodeOf(op, row, type.ref, row.path, false)
      return moved === undefined
        ? undefined
        : { ...moved, ...(row.fromPath === null ? undefined : { from: row.fromPath }) }
    }
  }
}
