import { edgeClassesFrom } from "../ops/link.ts"
import { type Place, placeOf, walk } from "../ops/listAccessible.ts"
import type { Op } from "../ops/Op.ts"
import { classOf } from "../ops/types.ts"
import { type EdgeRecord, edgesFrom } from "../store/edges.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, rootKey } from "../store/nodes.ts"
import type { KeySet } from "./KeySet.ts"
import { isSelected, type Selection } from "./Selection.ts"

/** A node that is exported, and the edges that it cannot be made without. */
export interface ExportedNode {
  readonly node: NodeRecord
  readonly links: ReadonlyArray<EdgeRecord>
}

/** One step of a walk over what is exported. */
export interface NodePage {
  readonly nodes: ReadonlyArray<ExportedNode>
  /** Where the walk goes on; undefined at its end. */
  readonly next: Place | undefined
}

/** Nodes that are looked at in one step, and characters of their properties beyond which it ends. */
const [pageNodes, pageText] = [250, 1_048_576]

/** Links that a node is made with at most: see `Node:createNode`. */
const maxLinks = 1_000

/** How far nodes that cannot be made without others are looked after, from one to the next. */
const maxAhead = 64

/**
 * The next nodes in the order of paths, but for those that others cannot be made without: these come before, together
 * with what they are below. What was written already is `done`, which stays as it is.
 */
export const nodePage = (op: Op, selection: Selection, done: KeySet, after: Place | undefined): NodePage => {
  const page = new Page(op, selection, done)
  let looked = 0
  let last: NodeRecord | undefined
  for (const node of walk(op, selection.tops, after)) {
    if (looked++ === pageNodes || page.text > pageText)
      return { nodes: page.nodes, next: last === undefined ? after : placeOf(op, last) }
    page.take(node, maxAhead)
    last = node
  }
  return { nodes: page.nodes, next: undefined }
}

class Page {
  readonly nodes: Array<ExportedNode> = []
  text = 0
  readonly #op: Op
  readonly #selection: Selection
  readonly #done: KeySet
  /** Keys of what was written here, and of what waits for others that are to come before it. */
  readonly #written = new Set<number>()
  readonly #open = new Set<number>()

  constructor(op: Op, selection: Selection, done: KeySet) {
    this.#op = op
    this.#selection = selection
    this.#done = done
  }

  /** Writes a node that is to be exported, and before it what it cannot be made without. */
  take(node: NodeRecord, ahead: number): void {
    if (this.#isWritten(node) || this.#open.has(node.key) || !isSelected(this.#op, this.#selection, node)) return
    this.#open.add(node.key)
    const links = edgeClassesFrom(this.#op.graph, classOf(this.#op.graph, node))
      .flatMap((type) => edgesFrom(this.#op.graph, type.key, node.key, maxLinks))
      .filter((edge) => this.#comesBefore(edge, ahead))
      .slice(0, maxLinks)
    this.#open.delete(node.key)
    this.#written.add(node.key)
    this.nodes.push({ node, links })
    this.text += node.propsText.length
  }

  #isWritten({ key }: NodeRecord): boolean {
    return this.#done.has(key) || this.#written.has(key)
  }

  /** Whether an edge's target is there before its source, wherever the file is imported; writes it, where it can be. */
  #comesBefore({ target: key }: EdgeRecord, ahead: number): boolean {
    const target = nodeByKey(this.#op.graph, key)
    if (target === undefined || !this.#op.canRead(target)) return false
    if (ahead > 0) this.#writeAhead(target, ahead - 1)
    return this.#isWritten(target) || !isSelected(this.#op, this.#selection, target)
  }

  #writeAhead(target: NodeRecord, ahead: number): void {
    const above: Array<NodeRecord> = []
    for (
      let at: NodeRecord | undefined = target;
      at !== undefined && at.key !== rootKey && !this.#isWritten(at) && this.#op.canRead(at);
      at = nodeByKey(this.#op.graph, at.parent)
    ) {
      // What is below a node cannot come before it.
      if (this.#open.has(at.key)) return
      above.push(at)
    }
    for (const node of above.reverse()) this.take(node, ahead)
  }
}
