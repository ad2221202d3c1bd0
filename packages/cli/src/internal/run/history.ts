import type { HistoryEntry } from "@portico/client"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"
import { renderTable } from "../table.ts"

// The largest page that an instance gives.
const pageSize = 1000

/** `portico history PATH` */
export const history = Effect.fnUntraced(function* (input: {
  readonly path: string
  readonly limit: Option.Option<number>
}) {
  const most = Option.getOrElse(input.limit, () => Number.POSITIVE_INFINITY)
  const remote = yield* connect
  const entries: Array<HistoryEntry> = []
  let cursor: string | undefined
  do {
    const limit = Math.min(pageSize, most - entries.length)
    const page = yield* remote.history(input.path, { limit, ...(cursor === undefined ? {} : { cursor }) })
    entries.push(...page.changes)
    cursor = page.next
  } while (cursor !== undefined && entries.length < most)
  yield* printed(entries, (io) => renderTable(io, columns, entries))
})

const nameOf = (path: string | undefined, id: string | null | undefined): string =>
  path ?? (id === undefined || id === null ? "" : `@${id}`)

const shortKey = (key: string): string => key.slice(key.lastIndexOf(".") + 1)

const changedText = ({ changed, edge, from, path }: HistoryEntry): string => {
  if (edge !== undefined) return `${edge.class} -> @${edge.target}`
  if (changed !== undefined) return Object.keys(changed).map(shortKey).join(", ")
  return from === undefined ? "" : `${from} -> ${path ?? ""}`
}

const columns = [
  { title: "SEQ", value: ({ seq }: HistoryEntry) => String(seq) },
  { title: "AT", value: ({ at }: HistoryEntry) => new Date(at).toISOString() },
  { title: "OP", value: ({ op }: HistoryEntry) => op },
  { title: "WHAT", value: changedText, wraps: true },
  { title: "BY", value: ({ actor, actorPath }: HistoryEntry) => nameOf(actorPath, actor) },
  { title: "THROUGH", value: ({ via, viaPath }: HistoryEntry) => nameOf(viaPath, via) }
]
