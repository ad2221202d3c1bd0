import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { HttpTransport } from "../../../HttpTransport.ts"
import type { ModuleStatus } from "../../../ModuleState.ts"
import { plan as planProduct } from "../../../Plan.ts"
import type { Product } from "../../../Product.ts"
import type { InstanceCore } from "../../runtime/InstanceCore.ts"
import { startPlan } from "../../runtime/startInstance.ts"
import { makeMemoryLog } from "../memoryLog.ts"
import { makeMemoryTransport } from "../memoryTransport.ts"
import { Journal } from "./Journal.ts"
import { untilEnded, type Waiting } from "./untilEnded.ts"
import { type ModuleFault, makeFaulty } from "./withFault.ts"

const busy: ReadonlySet<ModuleStatus> = new Set(["starting", "restarting", "stopping"])

/** A product of which one module has a fault, and everything that is seen of its life. */
export const makeFaultyWorld = Effect.fnUntraced(function* (
  product: Product,
  victim: string,
  fault: ModuleFault,
  config: Readonly<Record<string, unknown>>
) {
  const journal = new Journal()
  let reached = false
  const reach = Effect.sync(() => {
    reached = true
  })
  const faulty = makeFaulty(journal.keptBy(product), victim, fault, reach)
  const plan = yield* Effect.fromResult(planProduct(faulty, { settings: { flags: config } }))
  const transport = makeMemoryTransport()
  const { lines, logger } = makeMemoryLog()
  let core: InstanceCore | undefined
  const look = (inside: InstanceCore): void => {
    core = inside
  }

  const states = () => core?.board.all() ?? []
  const { moduleStopDeadline, startTimeout } = plan.runtime.framework
  const waiting: Waiting = {
    describe: () =>
      states()
        .map(({ id, status }) => `${id} is ${status}`)
        .join(", "),
    leap: () => {
      const isWorking = states().some(
        ({ id, status, waitingOn }) =>
          id !== victim && (busy.has(status) || (status === "planned" && waitingOn.length === 0))
      )
      if (!reached || isWorking) return undefined
      const status = states().find(({ id }) => id === victim)?.status
      if (fault === "hangs" && status === "starting") return startTimeout
      return fault === "neverReleases" && status === "stopping" ? moduleStopDeadline : undefined
    }
  }
  const started = startPlan(plan, {}, look).pipe(
    Effect.provideService(HttpTransport, transport.service),
    Effect.provide(NodeServices.layer),
    Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
  )
  return {
    plan,
    journal,
    log: lines,
    listeners: transport.listeners,
    states,
    start: untilEnded(started, waiting),
    /** On the clock of the start. */
    wait: <A, E, R>(effect: Effect.Effect<A, E, R>) => untilEnded(effect, waiting)
  }
})

export type FaultyWorld = Effect.Success<ReturnType<typeof makeFaultyWorld>>
