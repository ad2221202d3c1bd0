import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { sqlOf } from "../../src/internal/store/sql.ts"
import { rows } from "../support/kernel.ts"
import { Disagreement } from "./compare.ts"
import { edgeFacts } from "./domain.ts"
import type { Running } from "./settle.ts"
import type { MEdge, World } from "./World.ts"

type Facts = Readonly<Record<string, unknown>>

/**
 * All that the store has of a sequence's nodes, in the tree and in the trash, is what the model has. It is read past the
 * kernel, whose reads are compared step by step, in as few statements as there can be.
 */
export const compareState = Effect.fnUntraced(function* ({ known, lines, world }: Running) {
  const { dialect } = yield* Database
  const ids = sqlOf(dialect).texts("?1")
  const list = JSON.stringify(known)
  const nodes = yield* rows(
    `SELECT n.id, p.id AS parent, n.slug, o.slug AS origin, c.slug AS class, n.rev, n.created_at AS "createdAt",
       n.updated_at AS "updatedAt", n.props
     FROM nodes AS n JOIN nodes AS c ON c.key = n.class JOIN nodes AS o ON o.key = c.parent
       LEFT JOIN nodes AS p ON p.key = n.parent
     WHERE n.id IN ${ids}`,
    list
  )
  const edges = yield* rows(
    `SELECT o.slug AS origin, c.slug AS class, s.id AS source, t.id AS target, e.slug, e.mask, e.rev, e.props
     FROM edges AS e JOIN nodes AS c ON c.key = e.class JOIN nodes AS o ON o.key = c.parent
       JOIN nodes AS s ON s.key = e.source JOIN nodes AS t ON t.key = e.target
     WHERE s.id IN ${ids} OR t.id IN ${ids}`,
    list
  )
  agree("nodes", ourNodes(world, known), nodes.map(nodeOf), lines)
  agree("edges", ourEdges(world, new Set(known)), edges.map(edgeOf), lines)
})

const agree = (
  what: string,
  ours: ReadonlyArray<Facts>,
  theirs: ReadonlyArray<Facts>,
  lines: ReadonlyArray<string>
) => {
  const [left, right] = [ours.map(text), theirs.map(text)]
  const missing = left.filter((each) => !right.includes(each))
  const surplus = right.filter((each) => !left.includes(each))
  if (missing.length + surplus.length === 0) return
  throw new Disagreement(`${what} that the store lacks: ${missing.join()}; and has besides: ${surplus.join()}`, lines)
}

const text = (facts: Facts): string => JSON.stringify(facts)

const refOf = ({ class: slug, origin }: Facts): string => `${origin}:${slug}`

const nodeOf = ({ createdAt, id, parent, props, rev, slug, updatedAt, ...rest }: Facts): Facts => ({
  id,
  parent,
  slug,
  class: refOf(rest),
  props: JSON.parse(String(props)),
  rev: Number(rev),
  createdAt: Number(createdAt),
  updatedAt: Number(updatedAt)
})

const ourNodes = (world: World, known: ReadonlyArray<string>): ReadonlyArray<Facts> =>
  known.flatMap((id) => {
    const node = world.nodes.get(id)
    if (node === undefined) return []
    const { class: ref, createdAt, parent, props, rev, slug, updatedAt } = node
    return [{ id, parent, slug, class: ref, props, rev, createdAt, updatedAt }]
  })

/** A symmetric edge is the same from both its ends. */
const ends = (ref: string, source: unknown, target: unknown) =>
  edgeFacts.get(ref)?.symmetric === true ? [source, target].sort() : [source, target]

/** The revs of grants and memberships are not modelled. */
const edgeOf = ({ mask, props, rev, slug, source, target, ...rest }: Facts): Facts => {
  const ref = refOf(rest)
  if (mask !== null) return { class: ref, ends: [source, target], mask: Number(mask) }
  if (ref === K.member_of.ref) return { class: ref, ends: [source, target] }
  return { class: ref, ends: ends(ref, source, target), slug, props: JSON.parse(String(props)), rev: Number(rev) }
}

const ourEdge = ({ class: ref, props, rev, slug, source, target }: MEdge): Facts => ({
  class: ref,
  ends: ends(ref, source, target),
  slug,
  props,
  rev
})

const ourEdges = ({ edges, grants, members }: World, known: ReadonlySet<string>): ReadonlyArray<Facts> => [
  ...edges.map(ourEdge),
  ...grants
    .filter(({ identity, node }) => known.has(identity) || known.has(node))
    .map(({ identity, mask, node }) => ({ class: K.has_perm.ref, ends: [identity, node], mask })),
  ...members
    .filter(({ group, member }) => known.has(group) || known.has(member))
    .map(({ group, member }) => ({ class: K.member_of.ref, ends: [member, group] }))
]
