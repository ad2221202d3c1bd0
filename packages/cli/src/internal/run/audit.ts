/**
 * The audit log of an instance.
 */
import { Settings } from "@portico/gate"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decode } from "../answers.ts"
import { usage } from "../failure.ts"
import { askInternal } from "../operator.ts"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"
import { type Column, renderTable } from "../table.ts"

const Who = Schema.NullOr(Schema.Struct({ id: Schema.String, path: Schema.NullOr(Schema.String) }))
const Line = Schema.Struct({
  id: Schema.Number,
  at: Schema.Number,
  event: Schema.String,
  identity: Who,
  actor: Who,
  address: Schema.NullOr(Schema.String),
  userAgent: Schema.NullOr(Schema.String),
  through: Schema.NullOr(Schema.Struct({ kind: Schema.String, id: Schema.optionalKey(Schema.String) })),
  details: Schema.Json
})
const Lines = Schema.Struct({ lines: Schema.Array(Line) })
type Line = typeof Line.Type

const whoText = (who: typeof Who.Type): string => (who === null ? "" : (who.path ?? `@${who.id}`))

/** Who it is about, and who did it, where that is somebody else. */
const about = ({ actor, identity }: Line): string =>
  actor === null || actor.id === identity?.id
    ? whoText(identity)
    : identity === null
      ? `by ${whoText(actor)}`
      : `${whoText(identity)} by ${whoText(actor)}`

const columns: ReadonlyArray<Column<Line>> = [
  { title: "TIME", value: ({ at }) => new Date(at).toISOString() },
  { title: "EVENT", value: ({ event }) => event },
  { title: "WHO", value: about, wraps: true },
  { title: "FROM", value: ({ address }) => address ?? "" },
  {
    title: "THROUGH",
    value: ({ through }) => (through === null ? "" : [through.kind, through.id ?? ""].join(" ").trim())
  },
  { title: "DETAILS", value: ({ details }) => (details === null ? "" : JSON.stringify(details)), wraps: true }
]

/** What `portico audit` was told. */
export interface AuditInput {
  readonly identity: Option.Option<string>
  readonly event: Option.Option<string>
  readonly address: Option.Option<string>
  readonly since: Option.Option<string>
  readonly tail: number
}

const decodeSpan = Schema.decodeUnknownOption(Settings.Millis)

/** `portico audit` */
export const audit = Effect.fnUntraced(function* (input: AuditInput) {
  if (input.tail < 1 || input.tail > 1_000) return yield* usage("--tail is from 1 to 1000", "Say --tail 50")
  const params = new URLSearchParams({ limit: String(input.tail) })
  for (const name of ["identity", "event", "address"] as const) {
    if (Option.isSome(input[name])) params.set(name, input[name].value)
  }
  if (Option.isSome(input.since)) {
    const span = decodeSpan(input.since.value)
    if (Option.isNone(span)) return yield* usage("--since is a time back from now", "Say --since 24h")
    params.set("since", String(Math.max(0, (yield* Clock.currentTimeMillis) - span.value)))
  }
  const answer = yield* askInternal(yield* connect, "GET", `auth/audit?${params}`)
  const { lines } = yield* decode(Lines, "lines of the audit log")(answer)
  const oldestFirst = lines.toReversed()
  yield* printed({ lines: oldestFirst }, (io) => renderTable(io, columns, oldestFirst))
})
