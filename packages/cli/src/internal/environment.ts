/**
 * What effect/cli asks of its platform, from an `Io`. The command needs no
 * files, processes or keys while it parses, so these parts are stand-ins, and
 * the platform package stays out of the start.
 */

import * as Console from "effect/Console"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import { CurrentIo, type Io } from "../Io.ts"
import { formatHelp, formatUsageErrors } from "./help.ts"
import { canColour } from "./text.ts"

const unused = Effect.die(new Error("The command line reads nothing from the platform while it parses."))

const presenter = (io: Io): CliOutput.Presenter => ({
  present: (event) =>
    Effect.sync(() => {
      switch (event._tag) {
        case "Help": {
          // Asked for, or the bare command: that is data. A group without its subcommand is a usage error.
          const wanted = event.reason === "Requested" || event.commandPath.length === 1
          const output = wanted ? io.out : io.err
          return output.write(formatHelp(io, output, event.helpDoc))
        }
        case "InvalidInvocation":
          return io.err.write(formatUsageErrors(io, event.commandPath, event.errors))
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

/** Everything that `Command.runWith` requires. */
export const environment = (io: Io) =>
  Layer.mergeAll(
    Layer.succeed(CurrentIo, io),
    Layer.succeed(Console.Console, consoleOf(io)),
    CliOutput.layerPresenter(presenter(io)),
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
