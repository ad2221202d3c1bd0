import * as NodeServices from "@effect/platform-node/NodeServices"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import type { PlanRefused } from "../../Diagnostic.ts"
import type { GatewayBootError } from "../../GatewayBootError.ts"
import type { AccessRecord, GatewayInstance } from "../../GatewayInstance.ts"
import { HttpTransport } from "../../HttpTransport.ts"
import type { ModuleState } from "../../ModuleState.ts"
import type { Product } from "../../Product.ts"
import { startInstance } from "../runtime/startInstance.ts"
import { servicesOf, unusedFakes, withFakes } from "./fakes.ts"
import { type LogLine, makeMemoryLog } from "./memoryLog.ts"
import { makeMemoryTransport } from "./memoryTransport.ts"
import {
  makeRawRequest,
  makeTestFetch,
  makeTestRequest,
  type RawRequest,
  type TestFetch,
  type TestRequest,
  type TestResponse
} from "./testClient.ts"

/** A fake for a service that no module of the product needs or provides. */
export class UnusedFake extends Data.TaggedError("UnusedFake")<{
  readonly services: ReadonlyArray<string>
  readonly message: string
}> {}

/** How a product under test is started. */
export interface TestOptions<E = never> {
  /** Layers that stand in for services of the product. They may need nothing. */
  readonly fakes?: ReadonlyArray<Layer.Layer<never, E>>
  /** Settings by dotted key, for example `{ "gate.dataDir": folder }`. */
  readonly config?: Readonly<Record<string, unknown>>
}

/** A product that runs without a port. It stops when the scope closes. */
export interface TestGateway {
  readonly instance: GatewayInstance
  /** Asks the public listener; the answer streams. */
  readonly fetch: TestFetch
  /** Asks the public listener and reads the answer to its end. */
  readonly request: (path: string, init?: TestRequest) => Effect.Effect<TestResponse>
  /** Asks with a target that is not tidied up on its way, such as `//x/../y`. */
  readonly raw: (request: RawRequest) => Effect.Effect<TestResponse>
  /** The service that a module (or a fake) provides. Dies if none does. */
  readonly get: <I, S>(tag: Context.Service<I, S>) => Effect.Effect<S>
  readonly states: Effect.Effect<ReadonlyArray<ModuleState>>
  /** What was logged so far. */
  readonly log: ReadonlyArray<LogLine>
  /** What was answered so far. */
  readonly accessLog: ReadonlyArray<AccessRecord>
}

/** For {@link makeTestGateway} alone. */
interface InnerOptions<E> extends TestOptions<E> {
  /** Ids of modules to leave out of the states. */
  readonly unseen?: ReadonlyArray<string>
}

export const makeTestGateway = <E>(
  product: Product,
  options: InnerOptions<E>
): Effect.Effect<TestGateway, E | UnusedFake | PlanRefused | GatewayBootError, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const fakes = yield* buildFakes(options.fakes ?? [], scope)
    const unused = unusedFakes(product, fakes)
    if (unused.length > 0) {
      const message = `No module of this product needs or provides ${unused.join(", ")}, so faking it changes nothing.`
      return yield* new UnusedFake({ services: unused, message })
    }
    const { lines, logger } = makeMemoryLog()
    const transport = makeMemoryTransport()
    const requests: Array<AccessRecord> = []
    const faked = withFakes(product, fakes)
    const { core, instance } = yield* startInstance(faked.product, {
      settings: { flags: options.config },
      accessLog: (record) => requests.push(record)
    }).pipe(
      Effect.provideService(HttpTransport, transport.service),
      Effect.provideContext(yield* Layer.buildWithScope(NodeServices.layer, scope)),
      Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
    )
    // The public listener is opened last.
    const listener = transport.listeners.at(-1)
    if (listener === undefined) return yield* Effect.die(new Error("The product did not listen."))
    const fetch = makeTestFetch(listener)
    const unseen = new Set([...faked.hollow, ...(options.unseen ?? [])])
    const gateway: TestGateway = {
      instance,
      fetch,
      request: makeTestRequest(fetch),
      raw: makeRawRequest(listener),
      get: (tag) =>
        Effect.suspend(() => {
          for (const cell of core.around.cells.values()) {
            const service = cell.service(tag)
            if (service !== undefined) return Effect.succeed(service)
          }
          return Effect.die(new Error(`No module that is up provides "${tag.key}".`))
        }),
      states: Effect.map(instance.states, (states) => states.filter(({ id }) => !unseen.has(id))),
      log: lines,
      accessLog: requests
    }
    return gateway
  })

const buildFakes = <E>(layers: ReadonlyArray<Layer.Layer<never, E>>, scope: Scope.Scope) =>
  Effect.gen(function* () {
    const memoMap = yield* Layer.makeMemoMap
    const services = new Map<string, unknown>()
    for (const layer of layers) {
      const built = yield* Layer.buildWithMemoMap(layer, memoMap, scope)
      for (const [key, service] of servicesOf(built)) services.set(key, service)
    }
    return services
  })
