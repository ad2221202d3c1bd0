import * as Context from "effect/Context"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { Observability, type Signals } from "../../contracts/Observability.ts"
import type { Plan } from "../../Plan.ts"
import type { ModuleCell } from "./ModuleCell.ts"

/**
 * Where signals go at the time of asking: the module that provides them restarts like any other, so nobody keeps them.
 * `undefined` for a product that no module of can observe.
 */
export type CurrentSignals = (() => Signals | undefined) | undefined

/** Reads the signals from the cell of their provider. */
export const currentSignals = (plan: Plan, cells: ReadonlyMap<string, ModuleCell>): CurrentSignals => {
  const provider = plan.services.find((service) => service.key === Observability.key)?.provider
  const cell = provider === undefined ? undefined : cells.get(provider)
  return cell === undefined ? undefined : () => cell.service(Observability)?.signals
}

/** `ambient` with a logger more, which hands on to whoever observes at that moment. */
export const observedLogs = (ambient: Context.Context<never>, signals: CurrentSignals): Context.Context<never> => {
  if (signals === undefined) return ambient
  const handOn = Logger.make<unknown, void>((line) => void signals()?.logger.log(line))
  const loggers = new Set([...Context.get(ambient, Logger.CurrentLoggers), handOn])
  return Context.add(ambient, Logger.CurrentLoggers, loggers)
}

/** What marks a module's log lines and spans as its own. */
export const markedAs = (module: string, signals: CurrentSignals): Context.Context<never> => {
  const marked = Context.make(References.CurrentLogAnnotations, { module })
  return signals === undefined ? marked : Context.add(marked, Tracer.Tracer, tracerOf(module, signals))
}

const tracerOf = (module: string, signals: () => Signals | undefined): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const current = signals()
      if (current === undefined) return Tracer.nativeTracer.span(options)
      const span = current.tracer.span(options)
      span.attribute("portico.module", module)
      return span
    }
  })
