import type { DatabaseService } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeEmbeddedStore } from "./embeddedStore.ts"
import type { WriteTools } from "./Graph.ts"
import type { GraphStore } from "./GraphStore.ts"
import { makeServerStore } from "./serverStore.ts"

/** Opens the graph in a database whose tables exist. `nodes` is how many nodes are remembered. */
export const openStore = (
  database: DatabaseService,
  options: { readonly nodes: number },
  tools: Pick<WriteTools, "ids" | "now" | "propsBytes">
): Effect.Effect<GraphStore, PorticoError, Scope.Scope> =>
  database.dialect === "sqlite"
    ? Effect.sync(() => makeEmbeddedStore(database, options, tools))
    : makeServerStore(database, options, tools)
