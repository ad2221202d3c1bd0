import { constants } from "node:os"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Product } from "../../Product.ts"
import { runProduct } from "./run.ts"

/** What a product's process was called with. */
export interface RunOptions {
  /** Without the program's name: `process.argv.slice(2)`. */
  readonly argv?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where `portico.toml` is looked for. Default: the working directory. */
  readonly cwd?: string
}

const signals = ["SIGTERM", "SIGINT"] as const

/** Long enough to keep the process alive while nothing else does, as while a module starts. */
const aDay = 86_400_000

/**
 * Signals so close to the first one that they are the same one, in milliseconds: whoever signals a process group, as
 * `timeout` does, signals the parents as well, and npm and scripts hand on to us what they get.
 */
const oneSignal = 250

/** Lets what was written get out, then leaves even if something forgot to close its handles. */
const leave = (code: number): void => {
  process.exitCode = code
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)))
}

/** The shell of `runMain`: everything about the process that is not in `runProduct`. */
export const runInProcess = (product: Product, options: RunOptions): void => {
  const stopAsked = Deferred.makeUnsafe<void>()
  const keepAlive = setInterval(() => {}, aDay)
  const secondCounts = Deferred.makeUnsafe<void>()
  let broken = false
  let mayCut = false
  const askToStop = () => Deferred.doneUnsafe(stopAsked, Effect.void)

  for (const signal of signals) {
    process.on(signal, () => {
      if (mayCut) process.exit(128 + constants.signals[signal])
      if (!askToStop()) return
      setTimeout(() => {
        mayCut = true
        Deferred.doneUnsafe(secondCounts, Effect.void)
      }, oneSignal)
    })
  }
  // Whoever reads our output may go away; that is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  process.on("uncaughtException", (error) => {
    process.stderr.write(`An exception was not caught; the product stops.\n${error.stack ?? error.message}\n`)
    broken = true
    if (!askToStop()) process.exit(1)
  })

  const program = runProduct(product, {
    argv: options.argv ?? [],
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    out: (text) => process.stdout.write(text),
    log: { stream: process.stderr },
    stopAsked: Deferred.await(stopAsked),
    secondSignalCounts: Deferred.await(secondCounts),
    uptime: () => performance.now()
  })
  Effect.runFork(program).addObserver((exit) => {
    clearInterval(keepAlive)
    if (Exit.isFailure(exit)) process.stderr.write(`${Cause.pretty(exit.cause)}\n`)
    leave(Exit.isFailure(exit) || broken ? 1 : exit.value)
  })
}
