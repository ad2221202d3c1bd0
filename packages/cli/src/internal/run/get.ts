import * as Effect from "effect/Effect"
import { decode, Node } from "../answers.ts"
import { valueText } from "../nodes.ts"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"
import { renderFields } from "../table.ts"

/** `portico get PATH` */
export const get = Effect.fnUntraced(function* (path: string) {
  const remote = yield* connect
  const node = yield* decode(Node, "a node")(yield* remote.call(`${path}::get`))
  yield* printed(node, (io) =>
    renderFields(io, [
      ["path", node.path],
      ["id", node.id],
      ["rev", String(node.rev)],
      ...optional("class", node.class),
      ...optional("created", time(node.createdAt)),
      ...optional("updated", time(node.updatedAt)),
      ...Object.entries(node.props ?? {}).map(([key, value]) => [key, valueText(value)] as const)
    ])
  )
})

const time = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString())

const optional = (key: string, value: string | undefined): ReadonlyArray<readonly [string, string]> =>
  value === undefined ? [] : [[key, value]]
