import * as Effect from "effect/Effect"
import { ExitCode } from "../ExitCode.ts"
import { CurrentIo } from "../Io.ts"
import { CliFailure, usage } from "./failure.ts"
import { NoInput } from "./flags.ts"

/** Asks a question on the terminal. Anything but yes ends the command; so does a world where nobody can be asked. */
export const confirm = Effect.fnUntraced(function* (question: string) {
  const io = yield* CurrentIo
  if ((yield* NoInput) || !io.stdin.terminal) return yield* usage("there is nobody to ask", "Say --yes")
  io.err.write(`${question} [y/N] `)
  const answer = yield* Effect.promise(() => io.stdin.line())
  if (/^y(es)?$/i.test(answer.trim())) return
  return yield* new CliFailure({ exit: ExitCode.failed, code: "CANCELLED", message: "nothing was changed" })
})
