import { describeWhere } from "./need.ts"
import { server } from "./server.ts"

export { askDatabase, type FreshDatabase, freshDatabase } from "./server.ts"

/** Tests that need a PostgreSQL server; skipped by name where there is none. */
export const describeWithPostgres = describeWhere("postgres", server !== undefined)
