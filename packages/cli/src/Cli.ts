/**
 * The command as a function: arguments and a world in, an exit code out.
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ExitCode } from "./ExitCode.ts"
import type { Io } from "./Io.ts"
import { asksForHelp } from "./internal/askedForHelp.ts"
import { root } from "./internal/commands/root.ts"
import { environment } from "./internal/environment.ts"
import { version } from "./internal/version.ts"

/**
 * Runs `portico` with `argv` (without the program's own name). Resolves with
 * the exit code and never rejects; `signal` interrupts the command.
 *
 * @example
 * ```ts
 * import { run } from "./Cli.ts"
 * import { ExitCode } from "./ExitCode.ts"
 *
 * const out: Array<string> = []
 * const exitCode = await run(["ls", "--help"], {
 *   out: { write: (text) => out.push(text), terminal: false, columns: 80 },
 *   err: { write: () => {}, terminal: false, columns: 80 },
 *   stdin: { text: async () => "", line: async () => "", secret: async () => "", terminal: false },
 *   env: {}
 * })
 * console.log(exitCode === ExitCode.ok, out.join(""))
 * ```
 */
export const run = async (
  argv: ReadonlyArray<string>,
  io: Io,
  options: { readonly signal?: AbortSignal } = {}
): Promise<ExitCode> => {
  const words = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv
  const isHelp = asksForHelp(words)
  const program = Command.runWith(root, { version })(words).pipe(Effect.provide(environment(io, isHelp)))
  const exit = await Effect.runPromiseExit(program, options)
  if (Exit.isSuccess(exit)) return ExitCode.ok
  // Telling what went wrong needs the catalogue of errors, which a success does not load.
  const { report } = await import("./internal/report.ts")
  return report(io, exit.cause, { debug: argv.includes("--debug"), isHelp })
}
