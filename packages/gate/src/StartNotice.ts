import type * as Effect from "effect/Effect"
import { frameworkPoint } from "./internal/frameworkPoint.ts"

/** Lines for the person at the terminal, shown once when the product is ready. */
export interface Notice {
  /**
   * They go to the terminal and never to the log, so they may hold a one-time link. `url` is where the product is
   * reached, for example `http://localhost:4000`.
   */
  readonly lines: (url: string) => Effect.Effect<ReadonlyArray<string>>
}

/** Contributes lines to what is printed at start. */
export const StartNotice = frameworkPoint<Notice>("gate.start-notices", {
  description: "Lines for the terminal when the product is ready."
})
