import { porticoGateway } from "@portico/distro"
import { runMain } from "@portico/gate/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentIo, type Io } from "../../Io.ts"
import { type CliFailure, usage } from "../failure.ts"
import { DataFolder } from "../flags.ts"

interface Input {
  readonly host: Option.Option<string>
  readonly port: Option.Option<number>
  readonly databaseUrl: Option.Option<string>
  readonly config: Option.Option<string>
  readonly settings: ReadonlyArray<string>
}

const given = (flag: string, value: Option.Option<string | number>): ReadonlyArray<string> =>
  Option.match(value, { onNone: () => [], onSome: (value) => [`${flag}=${value}`] })

const databaseVariable = "PORTICO_DATABASE_URL"

/** The environment with the URL of the flag, which must not show a password to everybody who lists processes. */
const withDatabase = (env: Io["env"], url: Option.Option<string>): Effect.Effect<Io["env"], CliFailure> => {
  if (Option.isNone(url)) return Effect.succeed(env)
  const holdsSecret =
    URL.canParse(url.value) && (new URL(url.value).password !== "" || /[?&]password=/i.test(url.value))
  return holdsSecret
    ? Effect.fail(
        usage(
          "--database-url would show the password to everybody who lists processes",
          `Set ${databaseVariable}, or leave the password out and set PGPASSWORD`
        )
      )
    : Effect.succeed({ ...env, [databaseVariable]: url.value })
}

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
  runMain(porticoGateway(), { argv, env: yield* withDatabase(io.env, input.databaseUrl) })
  return yield* Effect.never
})
