import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { PlanRefused } from "./Diagnostic.ts"
import type { GatewayBootError } from "./GatewayBootError.ts"
import type { ContractCheck } from "./internal/testing/contracts/ContractCheck.ts"
import { companions } from "./internal/testing/fakes.ts"
import { makeProductFaults, type ProductFaultsOptions } from "./internal/testing/faults/productFaults.ts"
import { type ModuleFault, makeFaulty } from "./internal/testing/faults/withFault.ts"
import { makeTestGateway, type TestGateway, type TestOptions, type UnusedFake } from "./internal/testing/gatewayTest.ts"
import type { Ledger } from "./internal/testing/laws/Ledger.ts"
import {
  checkLaws,
  type LawBroken,
  type LawOptions,
  type LifecycleReport
} from "./internal/testing/laws/lifecycleLaws.ts"
import type { Module } from "./Module.ts"
import { make, type Product } from "./Product.ts"

export { analyticsContract } from "./internal/testing/contracts/analyticsContract.ts"
export { authenticatorContract } from "./internal/testing/contracts/authenticatorContract.ts"
export type { ContractCheck } from "./internal/testing/contracts/ContractCheck.ts"
export { databaseContract } from "./internal/testing/contracts/databaseContract.ts"
export { FakeAnalytics } from "./internal/testing/contracts/fakeAnalytics.ts"
export { FakeAuthenticator } from "./internal/testing/contracts/fakeAuthenticator.ts"
export { FakeKeyStore } from "./internal/testing/contracts/fakeKeyStore.ts"
export { FakeMailer } from "./internal/testing/contracts/fakeMailer.ts"
export { FakeMarketplace } from "./internal/testing/contracts/fakeMarketplace.ts"
export { FakeObservability } from "./internal/testing/contracts/fakeObservability.ts"
export type { KnownRequest } from "./internal/testing/contracts/KnownRequests.ts"
export { KnownRequests } from "./internal/testing/contracts/KnownRequests.ts"
export { keyStoreContract } from "./internal/testing/contracts/keyStoreContract.ts"
export { mailerContract } from "./internal/testing/contracts/mailerContract.ts"
export { marketplaceContract } from "./internal/testing/contracts/marketplaceContract.ts"
export type { ObservedLog, ObservedRequests, ObservedSpan } from "./internal/testing/contracts/ObservedSignals.ts"
export { ObservedSignals } from "./internal/testing/contracts/ObservedSignals.ts"
export { observabilityContract } from "./internal/testing/contracts/observabilityContract.ts"
export { SentMail } from "./internal/testing/contracts/SentMail.ts"
export type { SampleEntry, SampleVersion } from "./internal/testing/contracts/sampleCatalogue.ts"
export { sampleCatalogue } from "./internal/testing/contracts/sampleCatalogue.ts"
export type { ProductFaultsOptions } from "./internal/testing/faults/productFaults.ts"
export { InjectedFault, type ModuleFault, moduleFaults } from "./internal/testing/faults/withFault.ts"
export type { TestGateway, TestOptions } from "./internal/testing/gatewayTest.ts"
export { UnusedFake } from "./internal/testing/gatewayTest.ts"
export { Ledger, type LifecycleLaw, lifecycleLaw } from "./internal/testing/laws/Ledger.ts"
export { LawBroken, type LifecycleReport } from "./internal/testing/laws/lifecycleLaws.ts"
export type { LogLine } from "./internal/testing/memoryLog.ts"
export type { RawRequest, TestFetch, TestRequest, TestResponse } from "./internal/testing/testClient.ts"

/** Why a product under test did not start. */
export type TestStartError = UnusedFake | PlanRefused | GatewayBootError

export const GatewayTest = {
  /**
   * Starts a product without a port, with some services replaced by fakes.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { Gateway } from "@portico/gate"
   * import { GatewayTest } from "@portico/gate/testing"
   * import * as Context from "effect/Context"
   * import * as Effect from "effect/Effect"
   * import * as HttpServerResponse from "effect/http/HttpServerResponse"
   * import * as Layer from "effect/Layer"
   *
   * class Dice extends Context.Service<Dice, { readonly roll: () => number }>()("app/Dice") {}
   * const DiceModule = Gateway.module.define({
   *   id: "dice",
   *   displayName: "Dice",
   *   provides: [Dice],
   *   layer: Layer.succeed(Dice, { roll: () => 1 + Math.floor(Math.random() * 6) })
   * })
   * const RollModule = Gateway.module.define({
   *   id: "roll",
   *   displayName: "Roll",
   *   requires: [Dice],
   *   routes: [
   *     {
   *       id: "route:roll",
   *       scope: "public",
   *       auth: "public",
   *       mountPath: "/roll",
   *       handle: Effect.map(Dice, ({ roll }) => HttpServerResponse.jsonUnsafe({ rolled: roll() }))
   *     }
   *   ]
   * })
   * const product = Gateway.make({ identity: { id: "game", name: "Game" }, modules: [DiceModule, RollModule] })
   *
   * const test = Effect.gen(function* () {
   *   const fake = Layer.succeed(Dice, { roll: () => 6 })
   *   const gateway = yield* GatewayTest.make(product, { fakes: [fake] })
   *   assert.deepEqual((yield* gateway.request("/roll")).json, { rolled: 6 })
   * })
   * await Effect.runPromise(Effect.scoped(test))
   * ```
   */
  make: <E = never>(
    product: Product,
    options: TestOptions<E> = {}
  ): Effect.Effect<TestGateway, E | TestStartError, Scope.Scope> => makeTestGateway(product, options)
} as const

/** How one module is tested: `provide` must give all that the module requires. */
export interface TestModuleOptions<Requires, E = never> extends Omit<TestOptions<E>, "fakes"> {
  readonly provide?: Layer.Layer<Requires, E>
}

/**
 * Starts one module alone, with what it requires given by a layer. Modules that it comes after and points that it
 * contributes to need not be there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Gateway } from "@portico/gate"
 * import { testModule } from "@portico/gate/testing"
 * import * as Context from "effect/Context"
 * import * as Effect from "effect/Effect"
 * import * as HttpServerResponse from "effect/http/HttpServerResponse"
 * import * as Layer from "effect/Layer"
 *
 * class Dice extends Context.Service<Dice, { readonly roll: () => number }>()("app/Dice") {}
 * const handle = Effect.map(Dice, ({ roll }) => HttpServerResponse.jsonUnsafe({ rolled: roll() }))
 * const RollModule = Gateway.module.define({
 *   id: "roll",
 *   displayName: "Roll",
 *   requires: [Dice],
 *   routes: [{ id: "route:roll", scope: "public", auth: "public", mountPath: "/roll", handle }]
 * })
 *
 * const test = Effect.gen(function* () {
 *   const gateway = yield* testModule(RollModule, { provide: Layer.succeed(Dice, { roll: () => 6 }) })
 *   assert.deepEqual((yield* gateway.request("/roll")).json, { rolled: 6 })
 * })
 * await Effect.runPromise(Effect.scoped(test))
 * ```
 */
export const testModule = <Id extends string, Provides, Requires, E = never>(
  module: Module<Id, Provides, Requires>,
  ...[options = {}]: [Requires] extends [never]
    ? [options?: TestModuleOptions<Requires, E>]
    : [options: TestModuleOptions<Requires, E> & { readonly provide: Layer.Layer<Requires, E> }]
): Effect.Effect<TestGateway, E | TestStartError, Scope.Scope> => {
  const { provide, ...rest }: TestModuleOptions<Requires, E> = options
  // A list whose element type is wide is checked by the plan: the fakes only come in then.
  const others = companions(module)
  const modules: ReadonlyArray<Module.Any> = [module, ...others]
  const product = make({ identity: { id: "test", name: `Test of ${module.displayName}` }, modules })
  return makeTestGateway(product, {
    ...rest,
    fakes: provide === undefined ? [] : [provide],
    unseen: others.map(({ id }) => id)
  })
}

/** How `lifecycleLaws` examines a module: `provide` must give all that it requires. */
export interface LifecycleLawsOptions<Requires, E = never> extends Omit<LawOptions<E>, "provide"> {
  readonly provide?: Layer.Layer<Requires, E, Ledger>
}

/**
 * Holds a module to the laws of the life cycle (`lifecycleLaw` lists them): it is started and stopped, restarted alone
 * and with what it needs, interrupted at each step of its start (or at `points` of them), stopped while it restarts, and
 * stopped because a module before, beside or after it fails, each time in a life of its own. Fails with the first law
 * that is broken, and a report of what had happened.
 *
 * What the module holds is seen where its fakes write it down in the `Ledger`. Beyond that its uses of what it needs
 * are watched, the fibers that it forks, and the timers, sockets, watchers, processes, workers and file handles that it
 * makes. Not seen: fibers of another runtime (`Effect.runFork`) and bare file descriptors.
 *
 * Needs Node, and runs in real time whatever clock the test has: a module that waits a second when it starts makes it
 * take minutes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Gateway } from "@portico/gate"
 * import { Ledger, lifecycleLaws } from "@portico/gate/testing"
 * import * as Context from "effect/Context"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * interface Door {
 *   readonly open: Effect.Effect<void>
 *   readonly close: Effect.Effect<void>
 * }
 * class Doors extends Context.Service<Doors, Door>()("app/Doors") {}
 * const fakeDoors = Layer.effect(
 *   Doors,
 *   Effect.map(Ledger, ({ acquire, release }) => ({ open: acquire("door", ["app/Doors"]), close: release("door") }))
 * )
 *
 * const house = (stay: (door: Door) => Layer.Layer<never>) =>
 *   Gateway.module.define({
 *     id: "house",
 *     displayName: "House",
 *     requires: [Doors],
 *     layer: Layer.unwrap(Effect.map(Doors, stay))
 *   })
 * const Tidy = house((door) => Layer.effectDiscard(Effect.acquireRelease(door.open, () => door.close)))
 * // An interruption in between leaves the door open.
 * const Hasty = house((door) =>
 *   Layer.effectDiscard(Effect.andThen(door.open, Effect.addFinalizer(() => door.close)))
 * )
 *
 * const test = Effect.gen(function* () {
 *   const { lives } = yield* lifecycleLaws(Tidy, { provide: fakeDoors })
 *   assert.ok(lives > 10)
 *   const broken = yield* Effect.flip(lifecycleLaws(Hasty, { provide: fakeDoors }))
 *   assert.match(broken.message, /each is released exactly once[^]*interrupted at step[^]*door was never released/)
 * })
 * await Effect.runPromise(test)
 * ```
 */
export const lifecycleLaws = <Id extends string, Provides, Requires, E = never>(
  module: Module<Id, Provides, Requires>,
  ...[options = {}]: [Requires] extends [never]
    ? [options?: LifecycleLawsOptions<Requires, E>]
    : [options: LifecycleLawsOptions<Requires, E> & { readonly provide: Layer.Layer<Requires, E, Ledger> }]
): Effect.Effect<LifecycleReport, E | LawBroken | TestStartError> => {
  const all: LifecycleLawsOptions<Requires, E> = options
  return checkLaws(module, all)
}

/**
 * The product with something wrong in one of its modules; `moduleFaults` says what can be. For one's own look at what a
 * product does then, for example as a process of its own; {@link productFaults} looks at what the framework promises.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Gateway } from "@portico/gate"
 * import { GatewayTest, withFault } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 *
 * const Hello = Gateway.module.define({ id: "hello", displayName: "Hello" })
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [Hello] })
 *
 * const refused = Effect.flip(GatewayTest.make(withFault(product, "hello", "fails")))
 * const { message } = await Effect.runPromise(Effect.scoped(refused))
 * assert.match(message, /module hello: the fault of "hello" is part of the test/)
 * ```
 */
export const withFault = (product: Product, module: string, fault: ModuleFault): Product =>
  makeFaulty(product, module, fault)

/**
 * Named checks, for any test runner, of what becomes of a product when one module of it fails: each module in turn fails
 * or hangs as it starts, and hangs or breaks as it stops. Held to is what the framework promises, with the product's own
 * modules around the one that fails: the report (or the state, the 503 and the readiness of a module that may be
 * missing) names the culprit and what it had waited for, a slow start says what it is busy with, everything that was
 * acquired is released once and in reverse of need, the port is not bound or is freed, and all of it in bounded time.
 *
 * Runs without a port, on a clock of its own that does not wait for deadlines. Every other module must be able to start
 * with the settings that `config` makes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Gateway } from "@portico/gate"
 * import { productFaults } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 *
 * const Hello = Gateway.module.define({ id: "hello", displayName: "Hello" })
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [Hello] })
 *
 * const checks = productFaults(product)
 * assert.equal(checks[0]?.name, 'module "hello" does not start: it fails when it has acquired everything')
 * for (const { check } of checks) await Effect.runPromise(check)
 * ```
 */
export const productFaults = <E = never>(
  product: Product,
  options: ProductFaultsOptions<E> = {}
): ReadonlyArray<ContractCheck> => makeProductFaults(product, options)
