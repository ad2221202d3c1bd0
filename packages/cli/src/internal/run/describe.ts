import * as Effect from "effect/Effect"
import { Description, decode } from "../answers.ts"
import { describeText } from "../describeText.ts"
import { printed } from "../print.ts"
import { connect } from "../remote.ts"

/** `portico describe PATH` */
export const describe = Effect.fnUntraced(function* (path: string) {
  const remote = yield* connect
  const description = yield* decode(Description, "a description")(yield* remote.describe(path))
  yield* printed(description, (io) => describeText(io, description))
})
