import { PorticoError } from "@portico/schema"
import type { NodeView } from "../../Kernel.ts"
import type { Op } from "../ops/Op.ts"
import { pick } from "../schema/props.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { viewOf } from "../store/nodes.ts"
import { Budget } from "./Budget.ts"
import type { Field } from "./filter.ts"
import type { Resolve } from "./parseFilter.ts"

/** Nodes that one answer holds, at most. */
export const maxAnswered = 10_000

/** Properties that are shown; undefined for all of them. */
export type Projection = ReadonlyArray<string> | undefined

interface Shown {
  readonly node: NodeRecord
  /** Undefined for all. */
  keys: Set<string> | undefined
}

/** The nodes of an answer, each once, with the properties that any part of the query asked for. */
export class Answer {
  readonly #op: Op
  readonly #nodes = new Map<string, Shown>()
  readonly #budget = new Budget(maxAnswered, () => {
    throw PorticoError.make("LIMIT_EXCEEDED", `an answer holds at most ${maxAnswered} nodes; ask for smaller pages`, {
      limit: "nodes",
      max: maxAnswered
    })
  })

  constructor(op: Op) {
    this.#op = op
  }

  add(node: NodeRecord, projection: Projection): void {
    const known = this.#nodes.get(node.id)
    if (known === undefined) {
      this.#budget.spend(1)
      this.#nodes.set(node.id, { node, keys: projection === undefined ? undefined : new Set(projection) })
    } else if (projection === undefined) known.keys = undefined
    else for (const key of projection) known.keys?.add(key)
  }

  nodes(): Readonly<Record<string, NodeView>> {
    return Object.fromEntries([...this.#nodes].map(([id, shown]) => [id, this.#view(shown)]))
  }

  #view({ keys, node }: Shown): NodeView {
    const view = viewOf(this.#op.graph, node)
    return keys === undefined ? view : { ...view, props: pick(view.props, [...keys]) }
  }
}

/**
 * Reads the `props` of a part of a query. What the kernel keeps of every node is shown anyway, and a short key that is
 * several properties' shows all of them.
 */
export const projectionOf = (
  op: Op,
  props: ReadonlyArray<string> | undefined,
  resolve: Resolve,
  at: ReadonlyArray<string | number>
): Projection =>
  props?.flatMap((key, index) => {
    const found = resolve(key)
    if ("code" in found && found.code === "ambiguous") return op.graph.schema.propKeys(op.graph, key)
    if (!("kind" in found)) {
      const issues = [{ path: [...at, "props", index], ...found }]
      throw PorticoError.make("INVALID_PARAMS", `${[...at, "props", index].join(".")}: ${found.message}`, { issues })
    }
    return keysOf(found)
  })

const keysOf = (field: Field): ReadonlyArray<string> => (field.kind === "prop" ? [field.key] : [])
