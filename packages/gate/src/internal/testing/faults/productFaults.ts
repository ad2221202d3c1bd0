import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { GatewayBootError } from "../../../GatewayBootError.ts"
import type { PlannedModule } from "../../../Plan.ts"
import type { Product } from "../../../Product.ts"
import { failedToStop, stoppedLate } from "../../runtime/releaseModules.ts"
import type { ContractCheck } from "../contracts/ContractCheck.ts"
import { checkDegraded } from "./checkDegraded.ts"
import { type FaultyWorld, makeFaultyWorld } from "./FaultyWorld.ts"
import { type ModuleFault, moduleFaults } from "./withFault.ts"

/** How a product is started for its faults to be examined. */
export interface ProductFaultsOptions<E = never> {
  /**
   * Settings by dotted key, made anew for each check: an effect may make a temporary folder, which goes when its scope
   * closes.
   */
  readonly config?: Effect.Effect<Readonly<Record<string, unknown>>, E, Scope.Scope>
}

/** Milliseconds of work that may come on top of a deadline. */
const work = 10_000

/** What is said of who did not start, in the report and in the module's state. */
const reasonOf = ({ id }: PlannedModule, fault: ModuleFault, { plan }: FaultyWorld): string =>
  fault === "hangs"
    ? `it did not start within ${plan.runtime.framework.startTimeout} ms`
    : `the fault of "${id}" is part of the test`

const checkSlowStart = (module: PlannedModule, { log, plan }: FaultyWorld): void => {
  const line = log.find(({ message }) => message.startsWith("still starting: "))
  assert.ok(line !== undefined, "a start that hangs says what it is busy with")
  assert.match(line.message, new RegExp(`(: |; )${module.id}, \\d+ s`))
  for (const { dependsOn, id } of plan.modules) {
    if (!dependsOn.some((dependency) => dependency.module === module.id)) continue
    assert.match(line.message, new RegExp(`(: |; )${id} \\(waiting for [^)]*${module.id}[^)]*\\), \\d+ s`))
  }
}

/** Nothing runs without the module: one report names it, and nobody ever could connect. */
const checkAborted = (module: PlannedModule, fault: ModuleFault, error: unknown, world: FaultyWorld): void => {
  assert.ok(error instanceof GatewayBootError, `it should not have started, and failed with ${error}`)
  const waitedFor = module.dependsOn.map((dependency) => dependency.module)
  const reason = reasonOf(module, fault, world)
  const [failure, ...others] = error.failures
  assert.deepEqual(
    [failure?.module, failure?.kind, failure?.reason, failure?.waitedFor, others],
    [module.id, fault === "hangs" ? "timeout" : "failed", reason, waitedFor, []]
  )
  const needed = waitedFor.length === 0 ? "" : ` (it needs ${waitedFor.join(", ")}, which had started)`
  assert.ok(error.message.includes(`\n  module ${module.id}: ${reason}${needed}\n`), error.message)
  for (const { dependsOn, id } of world.plan.modules) {
    if (!dependsOn.some((dependency) => dependency.module === module.id)) continue
    assert.match(error.message, new RegExp(`\\n  ${id} was waiting for [^\\n]*${module.id}`))
  }
  assert.equal(world.listeners.length, 0, "the port was bound")
}

/** Closes the scope that it was started in, in the time that is set for a stop. */
const stopped = Effect.fnUntraced(function* (world: FaultyWorld, scope: Scope.Closeable) {
  const { millis } = yield* world.wait(Scope.close(scope, Exit.void))
  const { stopDeadline } = world.plan.runtime.framework
  assert.ok(millis <= stopDeadline + work, `the stop took ${millis} ms`)
  assert.ok(
    world.listeners.every((listener) => listener.closed),
    "the port was not freed"
  )
  world.journal.check(world.plan)
})

/** Starts the product in a scope of its own, which is closed whatever comes. */
const inScope = <A, E, R>(body: (scope: Scope.Closeable) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Scope.make(), (scope) =>
    Effect.onError(body(scope), () => Effect.forkDetach(Scope.close(scope, Exit.void)))
  )

const startFault = (module: PlannedModule, fault: ModuleFault, world: FaultyWorld) =>
  inScope((scope) =>
    Effect.gen(function* () {
      const { exit, millis } = yield* Scope.provide(world.start, scope)
      const { moduleStopDeadline, startTimeout } = world.plan.runtime.framework
      assert.ok(millis <= startTimeout + moduleStopDeadline + work, `the start took ${millis} ms`)
      if (fault === "hangs") checkSlowStart(module, world)
      if (module.onBootFailure === "degrade") {
        yield* exit
        yield* checkDegraded(module, reasonOf(module, fault, world), world)
      } else {
        checkAborted(module, fault, Option.getOrUndefined(Exit.findErrorOption(exit)), world)
      }
      yield* stopped(world, scope)
    })
  )

/** The module is named in the log, and all others are released as if nothing was. */
const stopFault = (module: PlannedModule, fault: ModuleFault, world: FaultyWorld) =>
  inScope((scope) =>
    Effect.gen(function* () {
      const { exit } = yield* Scope.provide(world.start, scope)
      const { core } = yield* exit
      const started = core.board.all().filter(({ status }) => status === "ready")
      yield* stopped(world, scope)
      const { moduleStopDeadline } = world.plan.runtime.framework
      const said = fault === "neverReleases" ? stoppedLate(module.id, moduleStopDeadline) : failedToStop(module.id)
      const isSaid = world.log.some(({ message }) => message === said)
      assert.ok(isSaid, `the log does not say: ${said}`)
      assert.equal(core.stoppedInTime, true, "the stop did not end in time")
      for (const { id } of started) assert.equal(core.board.get(id).status, "stopped", `${id} was not stopped`)
    })
  )

const faults: Readonly<Record<ModuleFault, typeof startFault>> = {
  fails: startFault,
  hangs: startFault,
  neverReleases: stopFault,
  breaksAtRelease: stopFault
}

const checkOf = <E>(
  product: Product,
  id: string,
  fault: ModuleFault,
  { config = Effect.succeed({}) }: ProductFaultsOptions<E>
): ContractCheck => ({
  name: `module "${id}" ${moduleFaults[fault]}`,
  check: Effect.flatMap(config, (settings) =>
    Effect.gen(function* () {
      const world = yield* makeFaultyWorld(product, id, fault, settings)
      const module = world.plan.modules.find((planned) => planned.id === id)
      if (module !== undefined) yield* faults[fault](module, fault, world)
    }).pipe(Effect.provide(TestClock.layer()))
  ).pipe(Effect.scoped)
})

/** See `productFaults` of `@portico/gate/testing`. */
export const makeProductFaults = <E>(
  product: Product,
  options: ProductFaultsOptions<E>
): ReadonlyArray<ContractCheck> =>
  product.modules
    .filter(({ enabled }) => enabled)
    // The keys of a record are those of its type.
    .flatMap(({ id }) => Object.keys(faults).map((fault) => checkOf(product, id, fault as ModuleFault, options)))
