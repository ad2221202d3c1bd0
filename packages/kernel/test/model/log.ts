import type { Asking } from "./authorize.ts"
import { type MChange, type MEdge, type MNode, spotOf } from "./World.ts"

type Rest = Pick<MChange, "spot" | "from" | "targetSpot" | "before" | "after">

const write = ({ caller, now, seq, world }: Asking, change: Pick<MChange, "op" | "node" | "edge"> & Rest): void => {
  world.log = [...world.log, { seq, at: now, actor: caller.actor, ...change }]
}

/** Writes down what became of a node. What is deleted is in no place any more. */
export const logNode = (asking: Asking, op: string, node: MNode, rest: Rest = {}): void =>
  write(asking, {
    op,
    node: node.id,
    ...(op === "delete" ? undefined : { spot: spotOf(asking.world, node) }),
    ...rest
  })

type Ends = Pick<MEdge, "class" | "slug"> & { readonly source: MNode; readonly target: MNode }

/** Writes down what became of an edge, as whoever changed it named its ends. */
export const logEdge = (
  asking: Asking,
  op: string,
  { class: ref, slug, source, target }: Ends,
  rest: Pick<Rest, "before" | "after"> = {}
): void =>
  write(asking, {
    op,
    node: source.id,
    spot: spotOf(asking.world, source),
    edge: { class: ref, source: source.id, target: target.id, slug },
    targetSpot: spotOf(asking.world, target),
    ...rest
  })
