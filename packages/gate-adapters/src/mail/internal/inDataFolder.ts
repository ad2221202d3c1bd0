import { FrameworkSettings } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Outbox from "../Outbox.ts"

/** An outbox in the product's data folder. */
export const inDataFolder = Effect.fnUntraced(function* (from: string) {
  const { dataDir } = yield* FrameworkSettings
  const path = yield* Path.Path
  return yield* Outbox.make({ folder: path.join(path.resolve(dataDir), "outbox"), from })
})
