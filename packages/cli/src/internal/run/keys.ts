/**
 * The keys that an instance signs with.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decode } from "../answers.ts"
import { confirm } from "../confirm.ts"
import { askInternal } from "../operator.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { type Column, renderTable } from "../table.ts"

const Key = Schema.Struct({
  kid: Schema.String,
  createdAt: Schema.Number,
  verifiesUntil: Schema.optionalKey(Schema.Number)
})
const Keys = Schema.Struct({ keys: Schema.Array(Key) })
type Key = typeof Key.Type

const columns: ReadonlyArray<Column<Key>> = [
  { title: "KEY", value: ({ kid }) => kid },
  { title: "SINCE", value: ({ createdAt }) => new Date(createdAt).toISOString() },
  {
    title: "STATE",
    value: ({ verifiesUntil }) =>
      verifiesUntil === undefined ? "signs" : `verifies until ${new Date(verifiesUntil).toISOString()}`
  }
]

const show = (answer: unknown) =>
  Effect.flatMap(decode(Keys, "a list of keys")(answer), (found) =>
    printed(found, (io) => renderTable(io, columns, found.keys))
  )

const path = "auth/signing-keys"

/** `portico keys list` */
export const list = Effect.gen(function* () {
  yield* show(yield* askInternal(yield* connect, "GET", path))
})

/** `portico keys rotate` */
export const rotate = Effect.fnUntraced(function* (input: { readonly atOnce: boolean; readonly yes: boolean }) {
  const remote = yield* connect
  if (input.atOnce && !input.yes) yield* confirm("End all access tokens and delegations of this instance?")
  yield* show(yield* askInternal(remote, "POST", `${path}/rotate`, { atOnce: input.atOnce }))
  yield* say(
    input.atOnce
      ? "a new key signs, and whatever the ones before have signed is worth nothing"
      : "a new key signs, and the ones before still verify what they signed"
  )
})
