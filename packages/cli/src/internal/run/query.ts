import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Answer, decode, type Node } from "../answers.ts"
import { usage } from "../failure.ts"
import { type FindingInput, findingParams } from "../finding.ts"
import { nodeColumns } from "../nodes.ts"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"

// The largest page that an instance gives.
const pageSize = 1000

const decodeAnswer = decode(Answer, "the answer of a query")

/** `portico query [WORD …] [--under PATH --class REF --where TEST --order KEY --limit N -l]` */
export const query = Effect.fnUntraced(function* (
  input: FindingInput & {
    readonly words: ReadonlyArray<string>
    readonly under: Option.Option<string>
    readonly limit: Option.Option<number>
    readonly long: boolean
  }
) {
  const most = Option.getOrElse(input.limit, () => Number.POSITIVE_INFINITY)
  const start = {
    ...(yield* findingParams(input)),
    ...(input.words.length === 0 ? {} : { search: input.words.join(" ") }),
    ...Option.match(input.under, { onNone: () => ({}), onSome: (under) => ({ under }) })
  }
  if (!("search" in start) && !("under" in start) && !("class" in start)) {
    return yield* usage("Say what to look for: words, --under PATH or --class REF")
  }
  const remote = yield* connect
  const nodes: Array<Node> = []
  let cursor: string | undefined
  do {
    const page = { limit: Math.min(pageSize, most - nodes.length), ...(cursor === undefined ? {} : { cursor }) }
    const path = "/:kernel.portico.dev:interface.Node:query"
    const answer = yield* decodeAnswer(yield* remote.call(path, { start: { ...start, page } }))
    nodes.push(...answer.start.nodes.flatMap((id) => answer.nodes[id] ?? []))
    cursor = answer.start.next
  } while (cursor !== undefined && nodes.length < most)
  const columns = nodeColumns((node) => node.path, input.long)
  yield* printed(nodes, (io) => renderTable(io, columns, nodes))
})
