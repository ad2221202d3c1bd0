import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type AnyTag, define, type Module } from "../../../Module.ts"
import { make, type Product } from "../../../Product.ts"
import { companions, servicesOf } from "../fakes.ts"
import { Ledger, type LedgerBook } from "./Ledger.ts"
import { watched } from "./revocable.ts"
import type { Stepper } from "./Stepper.ts"

/** Ids of the modules around the one that is looked at. */
export const needsId = "law-needs"
const besideId = "law-beside"
const afterId = "law-after"

/** Which module around the one that is looked at does not start. */
export type FailingNeighbour = "needs" | "beside" | "after"

/** What a life is made of. */
export interface LawSetting {
  readonly module: Module.Any
  /** Keys of the services that `provide` gives. */
  readonly keys: ReadonlyArray<string>
  readonly provide: Layer.Layer<never, unknown, Ledger>
  /** Of the life that is lived now: a service may be used in a later life than its own. */
  current: LedgerBook
}

/** What one life is followed with. */
export interface Following {
  readonly book: LedgerBook
  readonly stepper: Stepper
  readonly fails: FailingNeighbour | undefined
}

class Injected extends Error {
  constructor() {
    super("this failure is part of the test")
  }
}

const injected = Effect.suspend(() => Effect.fail(new Injected()))

/** The layers of `provide` as a module; each of its lives gives services that notice when they are used after it. */
const needsModule = (setting: LawSetting, { book, fails }: Following): Module.Any => {
  const { keys, provide } = setting
  const layer = Layer.effectContext(
    Effect.gen(function* () {
      if (fails === "needs") return yield* injected
      const built = yield* Layer.build(Layer.provide(provide, Layer.succeed(Ledger, book.service)))
      let isUp = true
      const service = (key: string, value: unknown): unknown =>
        watched(value, () => {
          if (!isUp) setting.current.breaks("reverse", `The module used ${key} after that was released.`)
        })
      const services = new Map(Array.from(servicesOf(built), ([key, value]) => [key, service(key, value)]))
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          for (const key of keys) book.acquire(key, [])
        }),
        () =>
          Effect.sync(() => {
            isUp = false
            for (const key of keys) book.release(key)
          })
      )
      return Context.makeUnsafe<unknown>(services)
    })
  )
  const provides = keys.map((key): AnyTag => Context.Service<never, unknown>(key))
  // Tags that are made from keys have no types to check, so the definition is put together by hand.
  return { ...define({ id: needsId, displayName: "What is needed" }), provides, layer }
}

const neighbour = (id: string, start: Effect.Effect<void, Error>, after: ReadonlyArray<string> = []): Module.Any =>
  define({ id, displayName: id, after, layer: Layer.effectDiscard(start) })

/** The module with something done just before and just after its layer is built. */
const counted = (module: Module.Any, begin: () => void, end: Effect.Effect<void>): Module.Any => {
  const { layer } = module
  if (layer === undefined) return module
  return {
    ...module,
    layer: Layer.fromBuild((memoMap, scope) =>
      Effect.suspend(() => {
        begin()
        return Effect.onExit(Layer.buildWithMemoMap(layer, memoMap, scope), () => end)
      })
    )
  }
}

/** The module among neighbours that fail if they are told to; steps are counted from the moment that it begins. */
export const lawProduct = (setting: LawSetting, following: Following): Product => {
  const { keys, module } = setting
  const { book, fails, stepper } = following
  // Of the neighbour that fails at a step; if that step never comes it starts once the module has.
  const beside = Deferred.makeUnsafe<void, Error>()
  if (fails === "beside") stepper.onReached(() => void Deferred.doneUnsafe(beside, injected))
  const begin = (): void => {
    const missing = keys.find((key) => !book.holds(key))
    if (missing !== undefined) book.breaks("order", `The module began before ${missing} was there.`)
    book.note(`${module.id} begins`)
    stepper.counting = true
  }
  const end = Effect.sync(() => {
    stepper.counting = false
  })
  const ready = Effect.andThen(
    Effect.sync(() => book.note(`${module.id} is ready`)),
    Deferred.succeed(beside, undefined)
  )
  const modules = [
    ...(keys.length === 0 ? [] : [needsModule(setting, following)]),
    counted(module, begin, end),
    ...companions(module),
    ...(fails === "beside" ? [neighbour(besideId, Deferred.await(beside))] : []),
    neighbour(afterId, Effect.andThen(ready, fails === "after" ? injected : Effect.void), [module.id])
  ]
  return make({ identity: { id: "laws", name: `Laws of ${module.displayName}` }, modules })
}
