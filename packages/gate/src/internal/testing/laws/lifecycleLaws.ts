import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { PlanRefused } from "../../../Diagnostic.ts"
import type { GatewayBootError } from "../../../GatewayBootError.ts"
import type { Module } from "../../../Module.ts"
import { make } from "../../../Product.ts"
import { servicesOf, unusedFakes } from "../fakes.ts"
import { UnusedFake } from "../gatewayTest.ts"
import { type Breach, Ledger, LedgerBook, type LifecycleLaw } from "./Ledger.ts"
import type { LawSetting } from "./lawProduct.ts"
import { runLife, type Script } from "./runLife.ts"

/** A law of the life cycle that a module breaks. */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly module: string
  readonly law: LifecycleLaw
  /** What was done with the module, for example `its start is interrupted at step 3 of 40`. */
  readonly scenario: string
  readonly seen: string
  /** What had happened in that life, in order. */
  readonly events: ReadonlyArray<string>
  /** All of it, as a report of several lines. */
  readonly message: string
}> {}

/** What a module has gone through without breaking a law. */
export interface LifecycleReport {
  readonly lives: number
  /** Steps that its start took, from when its layer began; interruptions and failures are spread over them. */
  readonly steps: number
}

/** How a module's life is examined. */
export interface LawOptions<E> {
  /** Gives all that the module requires; made anew for each life. May write what it sees down in the `Ledger`. */
  readonly provide?: Layer.Layer<never, E, Ledger>
  /** Settings by dotted key. */
  readonly config?: Readonly<Record<string, unknown>>
  /**
   * The most steps of its start at which it is interrupted; at a quarter of them a neighbour
   * fails, or the product stops while the module restarts. Default 100.
   */
  readonly points?: number
}

const reportOf = (module: Module.Any, scenario: string, { law, seen }: Breach, { events }: LedgerBook) =>
  new LawBroken({
    module: module.id,
    law,
    scenario,
    seen,
    events,
    message: [
      `Module "${module.id}" breaks a law of its life: ${law}.`,
      `  when: ${scenario}`,
      `  seen: ${seen}`,
      "  what happened:",
      ...events.map((event) => `    ${event}`)
    ].join("\n")
  })

/** `count` numbers from 1 to `steps`, evenly spread. */
const spread = (steps: number, count: number): ReadonlyArray<number> => {
  const take = Math.min(steps, count)
  return Array.from({ length: take }, (_, index) => 1 + Math.floor((index * steps) / take))
}

const scenariosOf = (steps: number, points: number, needs: boolean): ReadonlyArray<readonly [string, Script]> => [
  ["it is restarted", { restarts: "module" }],
  ...(needs
    ? ([
        ["what it needs is restarted", { restarts: "needs" }],
        ["what it needs does not start", { fails: "needs" }]
      ] as const)
    : []),
  ["a module that comes after it does not start", { fails: "after" }],
  ...spread(steps, points).map(
    (step) => [`its start is interrupted at step ${step} of ${steps}`, { interruptAt: step }] as const
  ),
  ...spread(steps, Math.ceil(points / 4)).map(
    (step) =>
      [
        `the product stops at step ${step} of ${steps} of a restart`,
        { restarts: "module", interruptAt: steps + step }
      ] as const
  ),
  ...spread(steps, Math.ceil(points / 4)).map(
    (step) => [`a neighbour fails at step ${step} of ${steps} of its start`, { fails: "beside", failAt: step }] as const
  )
]

/** See `lifecycleLaws` of `@portico/gate/testing`. */
export const checkLaws = <E>(
  module: Module.Any,
  { config = {}, points = 100, provide = Layer.empty }: LawOptions<E>
): Effect.Effect<LifecycleReport, LawBroken | UnusedFake | PlanRefused | GatewayBootError | E> =>
  Effect.gen(function* () {
    const keys = yield* keysOf(module, provide)
    const setting: LawSetting = { module, provide, keys, current: new LedgerBook() }
    let lives = 0
    const live = Effect.fnUntraced(function* (scenario: string, script: Script) {
      const { book, exit, steps } = yield* runLife(setting, config, script)
      // Nothing was done to the start of this life. That it can start at all was seen in the first one.
      const mustStart = (script.fails ?? script.interruptAt) === undefined
      const error = mustStart && lives > 0 ? Exit.findErrorOption(exit) : Option.none()
      if (Option.isSome(error)) book.breaks("again", error.value.message)
      if (book.breach !== undefined) return yield* reportOf(module, scenario, book.breach, book)
      // A defect is a bug of the framework or of the laws, wherever it shows.
      if (mustStart || (Exit.isFailure(exit) && Cause.hasDies(exit.cause))) yield* exit
      lives++
      return steps
    })
    const steps = yield* live("it starts and stops", {})
    const scenarios = scenariosOf(steps, points, setting.keys.length > 0)
    for (const [scenario, script] of scenarios) yield* live(scenario, script)
    return { lives, steps }
  })

/** Builds what the module is given once, to know which services that is. */
const keysOf = <E>(module: Module.Any, provide: Layer.Layer<never, E, Ledger>) =>
  Effect.gen(function* () {
    const ledger = Layer.succeed(Ledger, new LedgerBook().service)
    const services = servicesOf(yield* Layer.build(Layer.provide(provide, ledger)))
    const product = make({ identity: { id: "laws", name: module.displayName }, modules: [module] })
    const unused = unusedFakes(product, services)
    if (unused.length > 0) {
      const message = `Module "${module.id}" does not need ${unused.join(", ")}, so giving it changes nothing.`
      return yield* new UnusedFake({ services: unused, message })
    }
    return [...services.keys()]
  }).pipe(Effect.scoped)
