/**
 * What effect/cli asks of its platform, from an `Io`. The command needs no
 * files, processes or keys while it parses, so these parts are stand-ins, and
 * the platform package stays out of the start.
 */

import * as Console from "effect/Console"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import type { HelpDoc } from "effect/cli/HelpDoc"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import { CurrentIo, type Io } from "../Io.ts"
import { lacksCommandOnly } from "./askedForHelp.ts"
import { formatHelp, formatUsageErrors } from "./help.ts"
import { canColour } from "./text.ts"

const unused = Effect.die(new Error("The command line reads nothing from the platform while it parses."))

interface HelpOf {
  readonly commandPath: ReadonlyArray<string>
  readonly helpDoc: HelpDoc
}

/** Asked for, or the bare command: that is data. A group without its subcommand is a usage error. */
const showHelp = (io: Io, { commandPath, helpDoc }: HelpOf, isAsked: boolean): void => {
  const output = isAsked || commandPath.length === 1 ? io.out : io.err
  output.write(formatHelp(io, output, helpDoc))
}

const presenter = (io: Io, isHelp: boolean): CliOutput.Presenter => ({
  present: (event) =>
    Effect.sync(() => {
      switch (event._tag) {
        case "Help":
          return showHelp(io, event, event.reason === "Requested")
        case "InvalidInvocation": {
          const isGroup = (event.helpDoc.subcommands ?? []).length > 0
          return isHelp || (isGroup && lacksCommandOnly(event.errors))
            ? showHelp(io, event, isHelp)
            : io.err.write(formatUsageErrors(io, event.commandPath, event.errors))
        }
        case "Version":
          return io.out.write(`${event.name} ${event.version}\n`)
      }
    })
})

const consoleOf = (io: Io): Console.Console =>
  // effect/cli writes completions with `log`; the rest of the interface is the global console's.
  Object.assign(Object.create(globalThis.console) as Console.Console, {
    log: (...words: ReadonlyArray<unknown>) => io.out.write(`${words.join(" ")}\n`),
    error: (...words: ReadonlyArray<unknown>) => io.err.write(`${words.join(" ")}\n`)
  })

/** Everything that `Command.runWith` requires. `isHelp` is whether the command line asks for help. */
export const environment = (io: Io, isHelp: boolean) =>
  Layer.mergeAll(
    Layer.succeed(CurrentIo, io),
    Layer.succeed(Console.Console, consoleOf(io)),
    CliOutput.layerPresenter(presenter(io, isHelp)),
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
    Layer.succeed(TerminalCapabilities.TerminalCapabilities, {
      canColor: canColour(io, io.out),
      canAnimate: false,
      canPrompt: false
    }),
    FileSystem.layerNoop({}),
    Path.layer,
    Stdio.layerTest({}),
    Layer.succeed(
      Terminal.Terminal,
      Terminal.make({
        columns: Effect.succeed(io.out.columns),
        rows: Effect.succeed(24),
        size: unused,
        readInput: unused,
        readLine: unused,
        display: () => unused
      })
    ),
    Layer.succeed(
      ChildProcessSpawner.ChildProcessSpawner,
      ChildProcessSpawner.make(() => unused)
    )
  )
