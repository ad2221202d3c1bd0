import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import type { ModuleStart, StartPhase, StartPhaseName, StartTrace } from "../../StartTrace.ts"
import { criticalPath, rounded } from "./criticalPath.ts"
import type { ModuleCell } from "./ModuleCell.ts"

/** Takes note of a phase of one module's start. */
export type Phase = <A, E, R>(name: StartPhaseName, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Where nobody wants to know. */
export const unrecorded: Phase = (_, effect) => effect

const monotonic = Clock.clockWith((clock) => clock.monotonicTimeNanos)

/**
 * Writes down how a product starts, and emits it as spans: one for the start, below it one per module, below these one
 * per phase. The spans are not put in the context of what they measure, since what a module starts there lives on long
 * after they have ended.
 */
export class StartRecorder {
  readonly #at: number
  readonly #origin: bigint
  readonly #span: Tracer.Span
  /** In the order in which they came up. */
  readonly #modules = new Map<string, ModuleStart>()

  private constructor(at: number, origin: bigint, span: Tracer.Span) {
    this.#at = at
    this.#origin = origin
    this.#span = span
  }

  /** Records the start of the modules with these ids, and gives its trace when it has ended well. */
  static readonly record = <E, R>(
    ids: Iterable<string>,
    start: (recorder: StartRecorder) => Effect.Effect<void, E, R>
  ): Effect.Effect<StartTrace, E, R> =>
    Effect.useSpan("portico.start", (span) =>
      Effect.gen(function* () {
        const recorder = new StartRecorder(yield* Clock.currentTimeMillis, yield* monotonic, span)
        yield* start(recorder)
        return yield* recorder.#trace(ids)
      })
    )

  /** Records how `start` brings a module up. */
  module<E, R>(
    cell: ModuleCell,
    start: (phase: Phase) => Effect.Effect<ModuleStart["outcome"], E, R>
  ): Effect.Effect<void, E, R> {
    const options = { parent: this.#span, attributes: { "portico.module": cell.id } }
    return Effect.useSpan("portico.start.module", options, (span) =>
      Effect.gen({ self: this }, function* () {
        const begun = yield* this.#now
        const phases: Array<StartPhase> = []
        const outcome = yield* start(this.#phaseOf(span, phases))
        span.attribute("portico.outcome", outcome)
        this.#modules.set(cell.id, {
          module: cell.id,
          outcome,
          start: begun,
          end: yield* this.#now,
          waitedFor: cell.planned.planned.dependsOn.map((dependency) => dependency.module),
          phases
        })
      })
    )
  }

  #phaseOf(parent: Tracer.Span, phases: Array<StartPhase>): Phase {
    return (name, effect) =>
      Effect.useSpan(`portico.start.${name}`, { parent }, () =>
        Effect.flatMap(this.#now, (start) =>
          Effect.onExit(effect, () => Effect.map(this.#now, (end) => void phases.push({ name, start, end })))
        )
      )
  }

  get #now(): Effect.Effect<number> {
    return Effect.map(monotonic, (nanos) => rounded(Number(nanos - this.#origin) / 1_000_000))
  }

  #trace(ids: Iterable<string>): Effect.Effect<StartTrace> {
    return Effect.map(this.#now, (millis) => {
      const modules = Array.from(ids).flatMap((id) => {
        const module = this.#modules.get(id)
        // What a module that hung does later is no part of the start.
        return module === undefined ? [] : [{ ...module, phases: [...module.phases] }]
      })
      return { at: this.#at, millis, modules, criticalPath: criticalPath(modules) }
    })
  }
}
