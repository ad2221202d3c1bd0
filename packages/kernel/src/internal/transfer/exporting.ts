import { type PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Place } from "../ops/listAccessible.ts"
import { Op } from "../ops/Op.ts"
import { seqOf } from "../store/Graph.ts"
import type { GraphSnapshot } from "../store/graphSnapshot.ts"
import { nodeByKey, viewOf } from "../store/nodes.ts"
import { type EdgePlace, edgePage } from "./edgePages.ts"
import { heldSnapshot } from "./held.ts"
import { edgeLine, endLine, headLine, nodeLine } from "./jsonText.ts"
import { KeySet } from "./KeySet.ts"
import { nodePage } from "./nodePages.ts"
import { type ExportParams, type Selection, select } from "./Selection.ts"
import type { Slots } from "./Slots.ts"

/** What an export needs. */
export interface ExportContext {
  /** The operation that asked for it. */
  readonly op: Op
  /** Runs work on the last commit, after the call was authorized again there. */
  readonly read: <A>(work: (op: Op) => A) => Effect.Effect<A, PorticoError>
  readonly snapshot: Effect.Effect<GraphSnapshot, PorticoError, Scope.Scope>
  readonly slots: Slots
}

/** Where an export is. */
type At =
  | { readonly _tag: "Nodes"; readonly after: Place | undefined }
  | { readonly _tag: "Edges"; readonly place: EdgePlace }
  | { readonly _tag: "End" }

type Step = readonly [texts: ReadonlyArray<string>, next: Option.Option<At>]

/**
 * `Node:export`. All of it is of one commit; a page of it is in memory at a time, and a bit for each node. Whoever loses
 * READ on what it is of while it runs gets no more.
 */
export const exportNodes = (context: ExportContext, params: ExportParams): Stream.Stream<Uint8Array, PorticoError> => {
  const begin = Effect.gen(function* () {
    yield* context.slots.take
    const snapshot = yield* heldSnapshot(context.snapshot)
    const { authority, tools } = context.op
    const read = <A>(work: (op: Op) => A) => snapshot.read((graph) => work(new Op(graph, authority, tools)))
    const selection = yield* read((op) => select(op, params))
    const writer = new Writer(params, selection, snapshot.seq, read, context.read)
    const { table } = selection
    const text = table === undefined ? writer.lines : yield* tableText(writer, table, params)
    return Stream.encodeText(text)
  })
  return Stream.scoped(Stream.unwrap(begin))
}

const tableText = (writer: Writer, table: NonNullable<Selection["table"]>, params: ExportParams) =>
  Effect.map(
    Effect.promise(() => import("./csvText.ts")),
    ({ csvText }) => {
      const { head, rows } = csvText(table, params)
      return Stream.concat(Stream.succeed(head), writer.rows(rows))
    }
  )

class Writer {
  readonly #params: ExportParams
  readonly #selection: Selection
  readonly #seq: number
  readonly #read: ExportContext["read"]
  readonly #now: ExportContext["read"]
  readonly #nodes = new KeySet()
  /** Edges that their nodes are made with. */
  readonly #links = new KeySet()
  readonly #counts = { nodes: 0, edges: 0, outside: 0 }
  #checked: number

  constructor(
    params: ExportParams,
    selection: Selection,
    seq: number,
    read: ExportContext["read"],
    now: ExportContext["read"]
  ) {
    this.#params = params
    this.#selection = selection
    this.#seq = seq
    this.#read = read
    this.#now = now
    this.#checked = seq
  }

  /** A file of JSON lines. */
  get lines(): Stream.Stream<string, PorticoError> {
    const first: At = { _tag: "Nodes", after: undefined }
    const steps = Stream.paginate(first, (at: At) => Effect.andThen(this.#mayGoOn, this.#step(at)))
    return Stream.concat(Stream.succeed(headLine(this.#selection.under, this.#seq)), steps)
  }

  /** The rows of a table. */
  rows(text: (nodes: ReadonlyArray<ReturnType<typeof viewOf>>) => string): Stream.Stream<string, PorticoError> {
    const first: { readonly after: Place | undefined } = { after: undefined }
    return Stream.paginate(first, ({ after }) =>
      Effect.andThen(
        this.#mayGoOn,
        Effect.map(
          this.#read((op) => {
            const { next, nodes } = nodePage(op, this.#selection, this.#nodes, after)
            return {
              next,
              keys: nodes.map(({ node }) => node.key),
              text: text(nodes.map(({ node }) => viewOf(op.graph, node)))
            }
          }),
          ({ keys, next, text }) => {
            for (const key of keys) this.#nodes.add(key)
            return [
              text === "" ? [] : [text],
              next === undefined ? Option.none() : Option.some({ after: next })
            ] as const
          }
        )
      )
    )
  }

  /** Fails where the caller may not READ any more what the export began with. */
  get #mayGoOn(): Effect.Effect<void, PorticoError> {
    return Effect.map(
      this.#now((op) => {
        const seq = seqOf(op.graph)
        if (seq === this.#checked) return seq
        for (const { node, place } of this.#selection.tops) {
          const now = nodeByKey(op.graph, node.key)
          if (now === undefined || (op.standing.mask(now) & READ) === 0)
            op.missing({ text: `/${place.join("/")}`, node: undefined, nearest: undefined })
        }
        return seq
      }),
      (seq) => {
        this.#checked = seq
      }
    )
  }

  #step(at: At): Effect.Effect<Step, PorticoError> {
    switch (at._tag) {
      case "Nodes":
        return this.#nodesFrom(at.after)
      case "Edges":
        return this.#edgesFrom(at.place)
      case "End": {
        const { edges, nodes, outside } = this.#counts
        const counts = outside === 0 ? { nodes, edges } : { nodes, edges, outside }
        return Effect.succeed([[endLine(counts)], Option.none()])
      }
    }
  }

  #nodesFrom(after: Place | undefined): Effect.Effect<Step, PorticoError> {
    const page = this.#read((op) => {
      const { next, nodes } = nodePage(op, this.#selection, this.#nodes, after)
      return { next, nodes, texts: nodes.map((node) => nodeLine(op, node)) }
    })
    return Effect.map(page, ({ next, nodes, texts }) => {
      for (const { links, node } of nodes) {
        this.#nodes.add(node.key)
        for (const { key } of links) this.#links.add(key)
        this.#counts.edges += links.length
      }
      this.#counts.nodes += nodes.length
      const isLast = next === undefined
      const hasEdges = this.#params.edges !== "none"
      const at: At = !isLast
        ? { _tag: "Nodes", after: next }
        : hasEdges
          ? { _tag: "Edges", place: { from: 0 } }
          : { _tag: "End" }
      return [joined(texts), Option.some(at)]
    })
  }

  #edgesFrom(place: EdgePlace): Effect.Effect<Step, PorticoError> {
    const page = this.#read((op) => {
      const { edges, next } = edgePage(op, this.#nodes, place)
      const texts: Array<string> = []
      let outside = 0
      for (const edge of edges) {
        if (this.#links.has(edge.key)) continue
        const target = nodeByKey(op.graph, edge.target)
        if (target === undefined || !op.canRead(target)) continue
        if (this.#params.edges === "all" || this.#nodes.has(target.key)) texts.push(edgeLine(op, edge))
        else outside++
      }
      return { next, outside, texts }
    })
    return Effect.map(page, ({ next, outside, texts }) => {
      this.#counts.edges += texts.length
      this.#counts.outside += outside
      const at: At = next === undefined ? { _tag: "End" } : { _tag: "Edges", place: next }
      return [joined(texts), Option.some(at)]
    })
  }
}

/** A page is one piece. */
const joined = (texts: ReadonlyArray<string>): ReadonlyArray<string> => (texts.length === 0 ? [] : [texts.join("")])
