import { isNotFound } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { decode, type Node, Page } from "../answers.ts"
import { usage } from "../failure.ts"
import { type FindingInput, findingParams } from "../finding.ts"
import { nodeColumns } from "../nodes.ts"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"

// The largest page that an instance gives.
const pageSize = 1000
// Listings under way at once, with -R.
const concurrency = 8

type Remote = Effect.Success<typeof connect>

const decodePage = decode(Page, "a page of nodes")

const children = Effect.fnUntraced(function* (remote: Remote, path: string, finding: object = {}) {
  const nodes: Array<Node> = []
  let cursor: string | undefined
  do {
    const params = { ...finding, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }
    const page = yield* decodePage(yield* remote.call(`${path}::listChildren`, params))
    nodes.push(...page.nodes)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return nodes
})

type ListError = Effect.Error<ReturnType<typeof children>>

/** Everything below a path, each node before what is below it. */
const below = (remote: Remote, path: string): Effect.Effect<ReadonlyArray<Node>, ListError> => {
  const turns = Semaphore.makeUnsafe(concurrency)
  const list = (path: string) => turns.withPermits(1)(children(remote, path))
  // Between two listings somebody may delete a node; then there is nothing below it.
  const listFound = (node: Node) => Effect.catchIf(list(`@${node.id}`), isNotFound, () => Effect.succeed([]))
  const withDescendants = (nodes: ReadonlyArray<Node>): Effect.Effect<ReadonlyArray<Node>, ListError> =>
    Effect.map(
      Effect.forEach(
        nodes,
        (node) => Effect.map(Effect.flatMap(listFound(node), withDescendants), (rest) => [node, ...rest]),
        { concurrency }
      ),
      (lists) => lists.flat()
    )
  return Effect.flatMap(list(path), withDescendants)
}

const lastSlug = (node: Node): string => node.slug ?? node.path.slice(node.path.lastIndexOf("/") + 1)

/** `portico ls [-l -R] [PATH]` */
export const ls = Effect.fnUntraced(function* (
  input: FindingInput & {
    readonly path: string
    readonly long: boolean
    readonly recursive: boolean
  }
) {
  const finding = yield* findingParams(input)
  if (input.recursive && Object.keys(finding).length > 0) {
    return yield* usage("-R lists everything", "Find what is below a node by: portico query --under PATH")
  }
  const remote = yield* connect
  const nodes = yield* input.recursive ? below(remote, input.path) : children(remote, input.path, finding)
  const columns = nodeColumns(input.recursive ? (node) => node.path : lastSlug, input.long)
  yield* printed(nodes, (io) => renderTable(io, columns, nodes))
})
