import * as Effect from "effect/Effect"
import { connect } from "../remote.ts"
export const status = Effect.gen(function* () {
  yield* connect
})
