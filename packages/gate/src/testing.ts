import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { PlanRefused } from "./Diagnostic.ts"
import type { GatewayBootError } from "./GatewayBootError.ts"
import { makeTestGateway, type TestGateway, type TestOptions, type UnusedFake } from "./internal/testing/gatewayTest.ts"
import type { Module } from "./Module.ts"
import { make, type Product } from "./Product.ts"

export type { TestGateway, TestOptions } from "./internal/testing/gatewayTest.ts"
export { UnusedFake } from "./internal/testing/gatewayTest.ts"
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
   * it.effect("greets", () =>
   *   Effect.gen(function* () {
   *     const gateway = yield* GatewayTest.make(product, { fakes: [FakeMailer] })
   *     const response = yield* gateway.request("/hello")
   *     expect(response.json).toEqual({ hello: "world" })
   *   }).pipe(Effect.scoped)
   * )
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
 * Starts one module alone, with what it requires given by a layer.
 *
 * @example
 * ```ts
 * const gateway = yield* testModule(CrmModule, { provide: Layer.mergeAll(FakeKernel, FakeMailer) })
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
  const modules: ReadonlyArray<Module.Any> = [module]
  const product = make({ identity: { id: "test", name: `Test of ${module.displayName}` }, modules })
  return makeTestGateway(product, { ...rest, fakes: provide === undefined ? [] : [provide] })
}
