import type { K, ParamsOf, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ExportContext } from "./exporting.ts"
import type { IntakeContext } from "./importing.ts"
import { type ExportParams, select } from "./Selection.ts"
import type { Imported } from "./Tally.ts"

// What reads and writes files is loaded with the first of them: most starts see none.

/** `Node:export`. What is asked for wrongly is refused before anything is sent. */
export const exportNodes = (context: ExportContext, params: ExportParams): Stream.Stream<Uint8Array, PorticoError> => {
  select(context.op, params)
  return Stream.unwrap(
    Effect.map(
      Effect.promise(() => import("./exporting.ts")),
      (module) => module.exportNodes(context, params)
    )
  )
}

/** `Node:import`. */
export const importRows = (
  context: IntakeContext,
  params: ParamsOf<typeof K.Node.import>
): Effect.Effect<Imported, PorticoError> =>
  Effect.flatMap(
    Effect.promise(() => import("./importing.ts")),
    (module) => module.importRows(context, params)
  )
