import type { Change } from "@portico/client"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { CurrentIo } from "../../Io.ts"
import { Json } from "../flags.ts"
import { lineText } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"
import { given } from "../transfer.ts"

/** `portico watch [PATH]` */
export const watch = Effect.fnUntraced(function* (input: {
  readonly path: Option.Option<string>
  readonly class: Option.Option<string>
  readonly since: Option.Option<number>
  readonly limit: Option.Option<number>
}) {
  const { class: of, limit, path: under, since } = input
  const remote = yield* connect
  const io = yield* CurrentIo
  const json = yield* Json
  const changes = remote.changes(given({ under, class: of, since }))
  const wanted = Option.match(limit, { onNone: () => changes, onSome: (most) => Stream.take(changes, most) })
  // One at a time, so that none waits for others to be put in a table with.
  const piped = { ...io, out: { ...io.out, terminal: false } }
  yield* Stream.runForEach(wanted, (change) =>
    Effect.sync(() => io.out.write(json ? lineText(change) : renderTable(piped, columns, [change])))
  )
})

const subjectOf = ({ edge, from, node, under }: Change): string => {
  const what = node?.path ?? under ?? ""
  if (edge !== undefined) return `${what} ${edge.class} -> @${edge.target}`
  return from === undefined ? what : `${from} -> ${what}`
}

const columns = [
  { title: "SEQ", value: ({ seq }: Change) => String(seq) },
  { title: "AT", value: ({ at }: Change) => new Date(at).toISOString() },
  { title: "OP", value: ({ op }: Change) => op },
  { title: "WHAT", value: subjectOf },
  { title: "BY", value: ({ actor }: Change) => (actor === null ? "" : `@${actor}`) }
]
