import * as Context from "effect/Context"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { Observability, type Signals } from "../../contracts/Observability.ts"
import type { Plan } from "../../Plan.ts"
import type { ModuleCell } from "./ModuleCell.ts"
import { StartSignals } from "./StartSignals.ts"

/**
 * Where signals go at the time of asking: the module that provides them restarts like any other, so nobody keeps them.
 * `undefined` for a product that no module of can observe.
 */
export type CurrentSignals = (() => Signals | undefined) | undefined

/** Who observes a product. */
export interface Observer {
  /** What is kept of the start, as long as that lasts; then what the provider gives, from its cell. */
  readonly signals: CurrentSignals
  /** Hands over what was kept of the start, once that is over, however it went. */
  readonly startOver: () => void
}

/** Finds the provider. */
export const observerOf = (plan: Plan, cells: ReadonlyMap<string, ModuleCell>): Observer => {
  const provider = plan.services.find((service) => service.key === Observability.key)?.provider
  const cell = provider === undefined ? undefined : cells.get(provider)
  if (cell === undefined) return { signals: undefined, startOver: () => {} }
  let kept: StartSignals | undefined = new StartSignals()
  const provided = () => cell.service(Observability)?.signals
  return {
    signals: () => kept ?? provided(),
    startOver: () => {
      const start = kept
      kept = undefined
      start?.handOver(provided())
    }
  }
}

/** `ambient` as modules start in it: with a tracer of whoever observes. */
export const observedStart = (ambient: Context.Context<never>, signals: CurrentSignals): Context.Context<never> =>
  signals === undefined ? ambient : Context.add(ambient, Tracer.Tracer, tracerOf(undefined, signals))

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

const tracerOf = (module: string | undefined, signals: () => Signals | undefined): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const current = signals()
      if (current === undefined) return Tracer.nativeTracer.span(options)
      const span = current.tracer.span(options)
      if (module !== undefined) span.attribute("portico.module", module)
      return span
    }
  })
