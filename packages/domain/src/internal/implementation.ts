import type { AuthMode } from "@portico/schema"
import type { CallerOnly, DepsMaker, HandlerReturn } from "../Handler.ts"
import type { AnyContext } from "./context.ts"

/** What every implementation of a method or function holds. Typed where it is written, untyped where it is run. */
export interface ImplementationOf<in Deps = never> {
  /** As its author stated it; undefined means `required`. */
  readonly auth: AuthMode | undefined
  readonly authorize: CallerOnly | ((context: AnyContext) => HandlerReturn<void>) | undefined
  readonly execute: (context: AnyContext) => HandlerReturn<unknown>
  /** Never set: its type says which deps the handlers need. */
  readonly "~deps"?: (deps: Deps) => void
}

interface Options {
  readonly auth?: AuthMode
  // biome-ignore lint/suspicious/noExplicitAny: a maker takes whatever environment its domain declares
  readonly deps?: DepsMaker<any, unknown>
  readonly authorize?: unknown
  readonly execute: unknown
}

/**
 * Boundary: forgets the types of a handler. `makeInvoke` calls it with params that its own schema decoded and with
 * deps that `defineDomain` was held to.
 */
export const implementation = <Deps>(options: Options): ImplementationOf<Deps> => ({
  auth: options.auth,
  authorize: options.authorize as ImplementationOf["authorize"],
  execute: options.execute as ImplementationOf["execute"]
})
