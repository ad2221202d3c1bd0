import { step } from "@portico/gate/database"
import { EDIT } from "@portico/schema"
import type { Budget } from "../query/Budget.ts"
import type { Author } from "../store/changes.ts"
import { atOnce, type Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, type Props } from "../store/nodes.ts"
import { pastOf } from "../store/past.ts"
import { trashRow, trashTop } from "../store/trash.ts"
import { isUnderNode } from "../store/tree.ts"
import { refuseBuiltIn } from "./builtIn.ts"
import { type MakeWay, placeAgain, propsThatFit, putBack, type Return, refuseGone, takeBack } from "./comeBack.ts"
import { leftShort } from "./leftShort.ts"
import type { WriteOp } from "./Op.ts"
import { throwAway } from "./remove.ts"
import { restoreLinks } from "./restoreLinks.ts"
import { childrenNow, type NodeThen, nodesBudget, treeThen } from "./treeThen.ts"
import { classOf } from "./types.ts"
import { releaseUniques } from "./uniques.ts"

/**
 * Puts a node and everything that was below it back as they were after the change with this number. What was below it is
 * fetched from where it is now, the trash too; what came in since goes back to where it was then, and what was made
 * since, or taken out of the trash, goes into the trash. Answers the node.
 */
export function* restoreTree(op: WriteOp, top: NodeRecord, number: number, to: Return): Parts<NodeRecord> {
  const then = yield* treeThen(op, top, number)
  return yield* new TreeRestore(op, top, number, then).run(to)
}

class TreeRestore {
  readonly #op: WriteOp
  readonly #top: NodeRecord
  readonly #number: number
  readonly #then: ReadonlyMap<number, NodeThen>
  /** Those that are not in their places yet. */
  readonly #pending: Set<number>
  /** Tops of what came out of the trash, with the paths that they were deleted at. */
  readonly #out = new Map<number, string>()
  /** Checks that what is thrown away leaves the rest with what it has to have. */
  readonly #rest = new Map<number, () => void>()

  constructor(op: WriteOp, top: NodeRecord, number: number, then: ReadonlyMap<number, NodeThen>) {
    this.#op = op
    this.#top = top
    this.#number = number
    this.#then = then
    this.#pending = new Set(then.keys())
  }

  /** A part may be run again, so what it notes here is what it would note again. */
  *run(to: Return): Parts<NodeRecord> {
    const { key } = this.#top
    yield* step(() => this.#place(this.#top, to))
    for (const then of this.#then.values()) yield* step(() => this.#placeThen(then))
    yield* this.#clear()
    yield* this.#props(to)
    yield* restoreLinks(this.#op, [key, ...this.#then.keys()], this.#number)
    for (const [top, path] of this.#out) yield* step(() => takeBack(this.#op, top, path))
    for (const check of this.#rest.values()) yield* step(check)
    return yield* step(() => this.#node(key))
  }

  #placeThen(then: NodeThen): void {
    this.#pending.delete(then.key)
    const node = this.#node(then.key)
    this.#place(node, { place: placeAgain(this.#op, node, then) })
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
    if (isIntruder && holder.key !== this.#top.key) atOnce(this.#evict(holder.key, this.#budget()))
    return nodeByKey(this.#op.graph, holder.key)?.parent !== holder.parent
  }

  #throwAway(node: NodeRecord): void {
    refuseBuiltIn(this.#op, node)
    const { actor, via } = this.#op.authority
    const author: Author = { actor, via, half: this.#op.standing.allowedBy(node, EDIT) }
    this.#rest.set(node.key, leftShort(this.#op.graph, node))
    throwAway(this.#op.graph, node, author)
  }

  #budget(): Budget {
    return nodesBudget(this.#op.tools.restoreNodes)
  }

  /** Sends away what is below the top now and was not then. */
  *#clear(): Parts<void> {
    const budget = this.#budget()
    for (let level: ReadonlyArray<number> = [this.#top.key]; level.length > 0; ) {
      const children = [...(yield* childrenNow(this.#op.graph, level, budget)).keys()]
      for (const key of children) if (!this.#then.has(key)) yield* this.#evict(key, budget)
      level = children.filter((key) => this.#then.has(key))
    }
  }

  *#evict(key: number, budget: Budget): Parts<void> {
    if (yield* step(() => this.#sendBack(this.#node(key)))) return
    // What came in from elsewhere does not go with what is new.
    for (let level: ReadonlyArray<number> = [key]; level.length > 0; ) {
      const children = yield* childrenNow(this.#op.graph, level, budget)
      const stay: Array<number> = []
      for (const each of children.keys()) {
        if (this.#then.has(each)) continue
        if (!(yield* step(() => this.#sendBack(this.#node(each))))) stay.push(each)
      }
      level = stay
    }
    yield* step(() => this.#throwAway(this.#node(key)))
  }

  /** Moves a node that was elsewhere then back to there. */
  #sendBack(node: NodeRecord): boolean {
    const was = pastOf(this.#op.graph, [node.key], this.#number).get(node.key)
    if (was?.place === undefined || was.absent) return false
    this.#place(node, { place: placeAgain(this.#op, node, was.place) })
    return true
  }

  /** Gives all of them their props, after all have given up the unique values that others of them may have had. */
  *#props(to: Return): Parts<void> {
    const changing = new Map<number, Props>()
    const wanted = [...this.#then.values()].map(({ key, props }) => [key, props] as const)
    for (const [key, text] of [[this.#top.key, to.props] as const, ...wanted]) {
      const props = yield* step(() => this.#giveUp(key, text))
      if (props !== undefined) changing.set(key, props)
    }
    for (const [key, props] of changing) {
      yield* step(() => {
        const node = this.#node(key)
        putBack(this.#op, node, { place: { parent: this.#node(node.parent), slug: node.slug }, props })
      })
    }
  }

  /** The props that a node is to have, if it has others; it has no unique values then. */
  #giveUp(key: number, wanted: Props | string | undefined): Props | undefined {
    const { graph } = this.#op
    const node = this.#node(key)
    if (wanted === undefined || wanted === node.propsText) return undefined
    const props = typeof wanted === "string" ? propsThatFit(classOf(graph, node), wanted) : wanted
    if (JSON.stringify(props) === node.propsText) return undefined
    releaseUniques(graph, key)
    return props
  }
}
