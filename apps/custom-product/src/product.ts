import { Gateway } from "@portico/gate"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { KernelModule } from "@portico/kernel"
import { EditorsModule } from "./EditorsModule.ts"
import { LinksModule, TitlesModule } from "./LinksModule.ts"

/**
 * A product runtime that is not the distro: short links. Two modules are Portico's (SQLite and the graph), three are
 * its own: the links, the titles of the pages they lead to, and a way to say who calls.
 */
export const product = Gateway.make({
  identity: { id: "short-links", name: "Short links", description: "A product runtime of its own.", version: "1.0.0" },
  modules: [SqliteModule, KernelModule, EditorsModule, TitlesModule, LinksModule]
})
