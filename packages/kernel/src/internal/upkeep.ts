import { dirname, join } from "node:path"
import { Database } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import { WebCrypto } from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import { type Checked, checkGraph } from "./check/checkGraph.ts"
import { checkDatabase, readSnapshot } from "./check/reading.ts"
import { rebuild } from "./install/rebuild.ts"
import { mostPropsBytes } from "./schema/props.ts"
import { makeEmbeddedStore } from "./store/embeddedStore.ts"
import { storeRefused } from "./store/GraphStore.ts"
import { makeIds } from "./store/ids.ts"

/** What a check of a running instance says. */
export const checkNow: Effect.Effect<Checked, PorticoError, Database> = Effect.flatMap(Database, (database) =>
  Effect.mapError(checkDatabase(database), storeRefused)
)

/** A backup that was made, and what a check of it says. */
export interface BackedUp {
  readonly file: string
  readonly bytes: number
  readonly check: Checked
}

/** Copies the database of a running instance to `backups/` beside it, and checks the copy. */
export const backUpNow: Effect.Effect<BackedUp, PorticoError, Database> = Effect.gen(function* () {
  const database = yield* Database
  if (database.dialect !== "sqlite" || database.location === ":memory:") {
    const how = database.dialect === "sqlite" ? "it keeps nothing" : "use pg_dump"
    return yield* PorticoError.make("NOT_IMPLEMENTED", `this instance has no file to copy: ${how}`)
  }
  const now = new Date(yield* Clock.currentTimeMillis).toISOString().replaceAll(/[:.]/g, "-")
  const target = join(dirname(database.location), "backups", `portico-${now}.db`)
  let check: Checked | undefined
  const made = yield* database.embedded
    .backUp(target, (copy) =>
      Effect.map(checkGraph(readSnapshot(copy)), (report) => {
        check = report
      })
    )
    .pipe(Effect.mapError(storeRefused))
  if (check === undefined) return yield* Effect.die(new Error("a backup was made without being checked"))
  return { ...made, check }
})

/** Writes everything anew that follows from nodes and edges, in a database that no instance runs on. */
export const rebuildStore: Effect.Effect<void, PorticoError, Database> = Effect.gen(function* () {
  const database = yield* Database
  if (database.dialect !== "sqlite") return yield* PorticoError.make("NOT_IMPLEMENTED", "only files can be rebuilt")
  const clock = yield* Clock.Clock
  const crypto = yield* WebCrypto
  const now = () => clock.currentTimeMillisUnsafe()
  const ids = makeIds(now, (bytes) => void crypto.getRandomValues(bytes))
  const store = makeEmbeddedStore(database, { nodes: 10_000 }, { ids, now, propsBytes: mostPropsBytes })
  yield* store.write(rebuild)
})
