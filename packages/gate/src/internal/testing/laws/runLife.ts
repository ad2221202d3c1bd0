import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import { Scheduler } from "effect/Scheduler"
import type { PlanRefused } from "../../../Diagnostic.ts"
import type { GatewayBootError } from "../../../GatewayBootError.ts"
import { HttpTransport } from "../../../HttpTransport.ts"
import { failedToStop, stoppedLate } from "../../runtime/releaseModules.ts"
import { startInstance } from "../../runtime/startInstance.ts"
import { type LogLine, makeMemoryLog } from "../memoryLog.ts"
import { makeMemoryTransport } from "../memoryTransport.ts"
import { LedgerBook } from "./Ledger.ts"
import { Leftovers } from "./Leftovers.ts"
import { type FailingNeighbour, type LawSetting, lawProduct, needsId } from "./lawProduct.ts"
import { Stepper } from "./Stepper.ts"

/** What happens in a life, besides its start and its stop. */
export interface Script {
  readonly fails?: FailingNeighbour
  readonly restarts?: "module" | "needs"
  /** At a step of the start: counted from when the module begins, and on through a restart. */
  readonly interruptAt?: number
  /** At a step of the start, the neighbour that fails at one does. */
  readonly failAt?: number
}

/** A life that is over. */
export interface Life {
  readonly book: LedgerBook
  /** That the start took, from when the module began. */
  readonly steps: number
  readonly exit: Exit.Exit<void, PlanRefused | GatewayBootError>
}

/** Lives once through `script`, in a world of its own, and looks at what is left. */
export const runLife = Effect.fnUntraced(function* (
  setting: LawSetting,
  config: Readonly<Record<string, unknown>>,
  script: Script
) {
  const { module } = setting
  const flags = { ...defaults, ...config }
  const book = new LedgerBook()
  setting.current = book
  const stepper = new Stepper(script.interruptAt ?? script.failAt)
  const leftovers = new Leftovers()
  const { lines, logger } = makeMemoryLog()
  const restarts = script.restarts === "needs" ? needsId : module.id

  const life = Effect.scoped(
    Effect.gen(function* () {
      const product = lawProduct(setting, { book, stepper, fails: script.fails })
      const { instance } = yield* startInstance(product, { settings: { flags } })
      if (script.restarts === undefined) return
      book.note(`restart of ${restarts}`)
      // It refuses only where the product stops already.
      const states = yield* Effect.orElseSucceed(instance.restart(restarts), () => [])
      const lame = states.find(({ id, status }) => id === module.id && status !== "ready")
      if (lame !== undefined) book.breaks("again", `After a restart it is ${lame.status}: ${lame.reason}.`)
    })
  ).pipe(
    Effect.provideService(HttpTransport, makeMemoryTransport().service),
    Effect.provide(NodeServices.layer),
    Effect.onExit(() => Effect.sync(() => book.note("the end")))
  )
  const context = Context.make(Scheduler, stepper).pipe(
    Context.add(Metric.FiberRuntimeMetrics, leftovers.fibers),
    Context.add(Logger.CurrentLoggers, new Set([logger]))
  )
  const exit = yield* Effect.callback<Exit.Exit<void, PlanRefused | GatewayBootError>>((resume) => {
    leftovers.enter(() => {
      const fiber = Effect.runForkWith(context)(life)
      if (script.interruptAt !== undefined) {
        stepper.onReached(() => {
          book.note("interruption")
          fiber.interruptUnsafe()
        })
      }
      fiber.addObserver((ended) => leftovers.exit(() => resume(Effect.succeed(ended))))
    })
  })
  const left = yield* leftovers.settled
  book.close()
  for (const line of lines) seeRelease(line, module.id, Number(flags["gate.moduleStopDeadline"]), book)
  if (left !== undefined) book.breaks("left", `When all was over there was still ${left}.`)
  return { book, steps: stepper.steps, exit } satisfies Life
})

/** The framework's own defaults, but for the start: a module that hangs should not keep its tests waiting that long. */
const defaults = { "gate.startTimeout": 10_000, "gate.moduleStopDeadline": 5_000 }

const seeRelease = ({ message }: LogLine, id: string, deadline: number, book: LedgerBook): void => {
  if (message === failedToStop(id))
    book.breaks("once", "Its release failed, so what was to come after it was not done.")
  else if (message === stoppedLate(id, deadline)) book.breaks("once", `Its release did not end within ${deadline} ms.`)
}
