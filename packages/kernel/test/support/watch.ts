import { K, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"
import type { Change } from "../../src/internal/changes/Change.ts"
import { call } from "./kernel.ts"

export interface WatchParams {
  readonly since?: number
  readonly under?: string
  readonly class?: string
}

/** The stream of changes, as somebody sees it. */
export const watch = Effect.fnUntraced(function* (params: WatchParams = {}, as: Authority = Authority.system) {
  const kernel = yield* Kernel
  const { result } = yield* kernel.call(as, { path: K.Node.changes.path, params })
  // Boundary: what the contract of `changes` says.
  return result as Stream.Stream<Change, import("@portico/schema").PorticoError>
})

export const seqNow = Effect.flatMap(Kernel, (kernel) => kernel.seq)

/** Nodes by whose coming into sight an end is known, by id. No test looks at them. */
const marks = new Set<string>()

const markOf = ({ edge, node, under }: Change): string => node?.id ?? edge?.target ?? under?.slice(1) ?? ""

/**
 * Everything that was told until now: the stream up to a mark, which is a node that everybody comes to see just then.
 * Who watches a class is told of it because it holds something when it goes.
 */
export const told = Effect.fnUntraced(function* (params: WatchParams, as?: Authority) {
  const stream = yield* watch(params, as)
  const last = yield* seqNow
  const { id } = yield* call(K.Node.createNode.path, { class: K.Folder.ref, parent: params.under ?? "/" })
  marks.add(id)
  yield* call("/identities/everyone::grantPerm", { node: `@${id}`, perms: READ })
  if (params.class !== undefined) {
    yield* call(K.Node.createNode.path, { class: K.Folder.ref, parent: `@${id}` })
    yield* call(`@${id}::delete`, { recursive: true })
  }
  const changes = yield* Stream.runCollect(Stream.takeWhile(stream, ({ seq }) => seq <= last))
  return changes.filter((change) => !marks.has(markOf(change)))
})
