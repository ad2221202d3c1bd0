import { EDIT } from "@portico/schema"
import type { Author } from "../store/changes.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { pastOf } from "../store/past.ts"
import { trashRow, trashTop } from "../store/trash.ts"
import { isUnderNode } from "../store/tree.ts"
import { type MakeWay, placeAgain, propsThatFit, putBack, type Return, refuseGone, takeBack } from "./comeBack.ts"
import type { WriteOp } from "./Op.ts"
import { throwAway } from "./remove.ts"
import { restoreLinks } from "./restoreLinks.ts"
import { childrenNow, maxNodes, type NodeThen, tooMany, treeThen } from "./treeThen.ts"
import { classOf } from "./types.ts"
import { releaseUniques } from "./uniques.ts"

/**
 * Puts a node and everything that was below it back as they were after the change with this number. What was below it is
 * fetched from where it is now, the trash too; what came in since goes back to where it was then, and what was made
 * since, or taken out of the trash, goes into the trash. Answers the node.
 */
export const restoreTree = (op: WriteOp, top: NodeRecord, number: number, to: Return): NodeRecord =>
  new TreeRestore(op, top, number).run(to)

class TreeRestore {
  readonly #op: WriteOp
  readonly #top: NodeRecord
  readonly #number: number
  readonly #then: ReadonlyMap<number, NodeThen>
  /** Those that are not in their places yet. */
  readonly #pending: Set<number>
  /** Tops of what came out of the trash, with the paths that they were deleted at. */
  readonly #out = new Map<number, string>()

  constructor(op: WriteOp, top: NodeRecord, number: number) {
    this.#op = op
    this.#top = top
    this.#number = number
    this.#then = treeThen(op, top, number)
    this.#pending = new Set(this.#then.keys())
  }

  run(to: Return): NodeRecord {
    const { key } = this.#top
    this.#place(this.#top, to)
    for (const then of this.#then.values()) {
      this.#pending.delete(then.key)
      const node = this.#node(then.key)
      this.#place(node, { place: placeAgain(this.#op, node, then) })
    }
    this.#clear()
    this.#props(to)
    restoreLinks(this.#op, [key, ...this.#then.keys()], this.#number)
    for (const [top, path] of this.#out) takeBack(this.#op, top, path)
    return this.#node(key)
  }

  #node(key: number): NodeRecord {
    const node = nodeByKey(this.#op.graph, key)
    if (node === undefined) throw new Error(`node ${key} is not in the store`)
    return node
  }

  /** Puts a node in its place, where props come later: they may take what another one still has. */
  #place(node: NodeRecord, { place }: Return): void {
    const { graph } = this.#op
    const top = trashTop(graph, node)
    if (top !== undefined && !this.#out.has(top)) {
      refuseGone(this.#op, top)
      this.#out.set(top, trashRow(graph, top)?.path ?? "")
    }
    putBack(this.#op, node, { place }, this.#makeWay)
  }

  readonly #makeWay: MakeWay = (holder) => {
    const waits = this.#pending.has(holder.key)
    if (waits) this.#throwAway(holder)
    const isIntruder = !this.#then.has(holder.key) && isUnderNode(this.#op.graph, holder, this.#top.key)
    if (isIntruder && holder.key !== this.#top.key) this.#evict(holder)
    return nodeByKey(this.#op.graph, holder.key)?.parent !== holder.parent
  }

  #throwAway(node: NodeRecord): void {
    const { actor, via } = this.#op.authority
    const author: Author = { actor, via, half: this.#op.standing.allowedBy(node, EDIT) }
    throwAway(this.#op.graph, node, author)
  }

  /** Sends away what is below the top now and was not then. */
  #clear(): void {
    for (let level: ReadonlySet<number> = new Set([this.#top.key]); level.size > 0; ) {
      const children = [...childrenNow(this.#op.graph, level, maxNodes).keys()]
      for (const key of children) if (!this.#then.has(key)) this.#evict(this.#node(key))
      level = new Set(children.filter((key) => this.#then.has(key)))
    }
  }

  #evict(node: NodeRecord): void {
    if (this.#sendBack(node)) return
    // What came in from elsewhere does not go with what is new.
    let seen = 0
    for (let level: ReadonlySet<number> = new Set([node.key]); level.size > 0; ) {
      const children = [...childrenNow(this.#op.graph, level, maxNodes).keys()]
      seen += children.length
      if (seen >= maxNodes) tooMany("nodes", maxNodes, "puts back, in nodes,")
      level = new Set(children.filter((key) => !this.#then.has(key) && !this.#sendBack(this.#node(key))))
    }
    this.#throwAway(node)
  }

  /** Moves a node that was elsewhere then back to there. */
  #sendBack(node: NodeRecord): boolean {
    const was = pastOf(this.#op.graph, [node.key], this.#number).get(node.key)
    if (was?.place === undefined || was.absent) return false
    this.#place(node, { place: placeAgain(this.#op, node, was.place) })
    return true
  }

  /** Gives all of them their props, after all have given up the unique values that others of them may have had. */
  #props(to: Return): void {
    const { graph } = this.#op
    const below = [...this.#then.values()].map(({ key, props }) => {
      const node = this.#node(key)
      return { node, props: node.propsText === props ? undefined : propsThatFit(classOf(graph, node), props) }
    })
    const changing = [{ node: this.#node(this.#top.key), props: to.props }, ...below].filter(
      ({ node, props }) => props !== undefined && JSON.stringify(props) !== node.propsText
    )
    for (const { node } of changing) releaseUniques(graph, node.key)
    for (const { node, props } of changing) {
      putBack(this.#op, node, { place: { parent: this.#node(node.parent), slug: node.slug }, props })
    }
  }
}
