import * as ByteSize from "effect/ByteSize"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Path from "effect/Path"
import * as Scope from "effect/Scope"
import type { GatewayBootError, ModuleFailure } from "../../GatewayBootError.ts"
import type { GatewayInstance, StartOptions } from "../../GatewayInstance.ts"
import { HttpTransport, type ListenError } from "../../HttpTransport.ts"
import { type Plan, plan as planProduct } from "../../Plan.ts"
import type { Product } from "../../Product.ts"
import { bootError } from "./bootReport.ts"
import { ExtensionRegistry } from "./extensions.ts"
import { InstanceCore } from "./InstanceCore.ts"
import { openListeners } from "./listeners.ts"
import { ModuleCell } from "./ModuleCell.ts"
import { releaseModules } from "./releaseModules.ts"
import { StartRecorder } from "./StartRecorder.ts"
import { makeStateBoard } from "./StateBoard.ts"
import { observedLogs, observedStart, observerOf } from "./signals.ts"
import { startModules } from "./startModules.ts"
import { startProgress } from "./startProgress.ts"
import { makeStop } from "./stopInstance.ts"
import { traceLines } from "./traceLines.ts"

type Surrounding = HttpTransport | FileSystem.FileSystem | Path.Path | Scope.Scope

/** See `GatewayInstance.start`. Gives the instance with its insides, which tests look at. */
export const startInstance = (product: Product, options: StartOptions) =>
  Effect.flatMap(Effect.fromResult(planProduct(product, options)), (plan) => startPlan(plan, options))

/** The same for a product that is planned already. `inside` is given its insides before anything starts. */
export const startPlan = Effect.fnUntraced(function* (
  plan: Plan,
  options: StartOptions,
  inside: (core: InstanceCore) => void = () => {}
) {
  const begun = performance.now()
  const core = yield* makeCore(plan)
  inside(core)
  const scope = yield* Effect.scope
  // Once something is started its release must be certain, so only the waiting in between can be interrupted.
  const instance = yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { listeners, startTrace } = yield* restore(bringUp(core, options)).pipe(
        Effect.onError(() => releaseModules(core.around, core.board))
      )
      core.listeners = listeners
      const { around } = core
      // Whoever stops it, the stop is logged where the start was.
      const stop = Effect.provideContext(makeStop(core), around.ambient)
      yield* Scope.addFinalizer(scope, stop)
      const instance: GatewayInstance = {
        plan: core.plan,
        url: core.publicUrl() ?? listeners.url,
        internalUrl: listeners.internalUrl,
        startedIn: performance.now() - begun,
        startTrace,
        states: Effect.sync(core.board.all),
        changes: core.board.changes,
        extensions: core.extensions.service.ref,
        blastRadius: (module) => core.blastRadius(module),
        restart: (module) => core.restart(module),
        stop
      }
      return instance
    })
  )
  return { instance, core }
})

const makeCore = Effect.fnUntraced(function* (plan: Plan) {
  const here = yield* Effect.context<Surrounding>()
  const board = yield* makeStateBoard(plan.modules)
  const { framework, modules } = plan.runtime
  const cells = new Map(modules.map((planned) => [planned.module.id, new ModuleCell(planned, board)]))
  const observer = observerOf(plan, cells)
  const { signals } = observer
  // Modules get a scope of their own, and reach the network only through their routes.
  const own = Context.omit(Scope.Scope, HttpTransport)(here)
  return new InstanceCore(plan, board, {
    cells,
    extensions: new ExtensionRegistry(modules.map(({ module }) => module)),
    framework,
    ambient: observedLogs(
      Context.add(own, HttpServerRequest.MaxBodySize, ByteSize.bytes(framework.bodyLimit)),
      signals
    ),
    observer
  })
})

/** Starts the modules, then binds the port. A failure becomes the report, with the states as they were at that moment. */
const bringUp = (core: InstanceCore, options: StartOptions) => {
  const { around, board, plan } = core
  const fail = (
    failures: ReadonlyArray<ModuleFailure>,
    listen: ReadonlyArray<ListenError>
  ): Effect.Effect<never, GatewayBootError> =>
    Effect.suspend(() =>
      Effect.fail(
        bootError(
          plan.product.name,
          board.all(),
          failures,
          listen.map(({ address, message }) => ({ address, reason: message }))
        )
      )
    )
  const modules = Effect.scoped(
    Effect.andThen(
      Effect.forkScoped(startProgress(board)),
      StartRecorder.record(around.cells.keys(), (recorder) =>
        startModules(around, board, { cells: [...around.cells.values()], as: "start", recorder })
      )
    )
  ).pipe(
    Effect.provideContext(observedStart(around.ambient, around.observer.signals)),
    Effect.onExit(() => Effect.sync(around.observer.startOver)),
    Effect.catch((failure) => fail([failure], []))
  )
  const listen = openListeners(core, options).pipe(Effect.catch((error) => fail([], [error])))
  return Effect.gen(function* () {
    const startTrace = yield* modules
    core.startTrace = startTrace
    yield* Effect.logDebug(traceLines(startTrace))
    return { listeners: yield* listen, startTrace }
  })
}
