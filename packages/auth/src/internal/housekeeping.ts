import type { DatabaseError } from "@portico/gate/database"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { AuthStartError } from "../AuthStartError.ts"

/** How often it is looked at what has run out, unless told. */
const hourly = Duration.hours(1)

/** Work that comes up again and again. One that fails is told of and tried again next time. */
export const keepHouse = (
  chores: Readonly<Record<string, Effect.Effect<unknown, DatabaseError | AuthStartError>>>,
  every: Duration.Input = hourly
) =>
  Effect.forever(
    Effect.andThen(
      Effect.forEach(
        Object.entries(chores),
        ([name, chore]) => Effect.catch(chore, (error) => Effect.logError(`Could not ${name}.`, error)),
        { discard: true }
      ),
      Effect.sleep(every)
    )
  )
