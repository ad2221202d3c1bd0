import * as Effect from "effect/Effect"
import { CurrentIo } from "../Io.ts"
import { usage } from "./failure.ts"
import { NoInput } from "./flags.ts"

/** A password that somebody chooses: typed twice on the terminal without being shown, or the first line of stdin. */
export const newPassword = Effect.fnUntraced(function* (fromStdin: boolean) {
  const io = yield* CurrentIo
  const text = yield* fromStdin ? Effect.promise(() => io.stdin.line()) : asked
  return text === "" ? yield* usage("there is no password") : text
})

const asked = Effect.gen(function* () {
  const io = yield* CurrentIo
  if ((yield* NoInput) || !io.stdin.terminal) {
    return yield* usage("there is nobody to ask for a password", "Write it to stdin and say --password-stdin")
  }
  const ask = (prompt: string) => Effect.promise(() => io.stdin.secret(prompt))
  const first = yield* ask("Password: ")
  return first === (yield* ask("The same password again: ")) ? first : yield* usage("the two passwords differ")
})
