import { type ExtensionPoint, type ExtensionPointOptions, makePoint } from "../ExtensionPoint.ts"
import { capture } from "./callsite.ts"

/** Declares a point that the framework itself reads, so that no module has to own it. */
export const frameworkPoint = <A>(id: string, options: ExtensionPointOptions<A> = {}): ExtensionPoint<A> =>
  makePoint(id, "framework", options, capture(frameworkPoint))
