import { porticoGateway } from "@portico/distro"
import { runMain } from "@portico/gate/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentIo } from "../../Io.ts"
import { DataFolder } from "../flags.ts"

interface Input {
  readonly host: Option.Option<string>
  readonly port: Option.Option<number>
  readonly config: Option.Option<string>
  readonly settings: ReadonlyArray<string>
}

const given = (flag: string, value: Option.Option<string | number>): ReadonlyArray<string> =>
  Option.match(value, { onNone: () => [], onSome: (value) => [`${flag}=${value}`] })

/**
 * `portico start`. From here on the process is the framework's: it handles
 * signals, and ends the process with its own exit code.
 */
export const start = Effect.fnUntraced(function* (input: Input) {
  const io = yield* CurrentIo
  const data = yield* DataFolder
  const argv = [
    ...given("--host", input.host),
    ...given("--port", input.port),
    ...given("--data", data),
    ...given("--config", input.config),
    ...input.settings
  ]
  runMain(porticoGateway(), { argv, env: io.env })
  return yield* Effect.never
})
