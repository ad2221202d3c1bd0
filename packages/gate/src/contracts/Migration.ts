import type * as Effect from "effect/Effect"
import { frameworkPoint } from "../internal/frameworkPoint.ts"
import type { Product } from "../Product.ts"
import type { Database } from "./Database.ts"

/** Statements that make or change tables. */
export type MigrationSql = string | ReadonlyArray<string>

/**
 * One step of a module's tables. The provider of {@link Database} runs the pending steps of every module before it is
 * ready: modules in the order in which they start, steps of one module by id, each whole or not at all.
 */
export interface MigrationStep {
  /** Four digits and a name, for example `0001_nodes`. Never changes once released. */
  readonly id: string
  /** Ids of other modules whose steps must have run before, beyond what `requires` says already. */
  readonly after?: ReadonlyArray<string>
  /**
   * Statements; or an effect that uses `Database.sql` and never `Database.write`, whose gate is taken.
   *
   * One text serves both databases, since PostgreSQL is given its own names for SQLite's: those in capitals, that is: `INTEGER` is 64 bits there,
   * `INTEGER PRIMARY KEY` counts by itself, `TEXT` compares byte by byte, `BLOB` is `bytea`, and `STRICT` and
   * `WITHOUT ROWID` are left out. Where that is not enough, give the statements of each.
   */
  readonly up:
    | MigrationSql
    | { readonly sqlite: MigrationSql; readonly postgres: MigrationSql }
    | Effect.Effect<void, unknown, Database>
}

/**
 * Contributes a step: `Migration.of({ id: "0001_nodes", up: "CREATE TABLE …" })`.
 * Two steps of one module with the same id are GATE012, and so is an `after` that names nobody.
 */
export const Migration = frameworkPoint<MigrationStep>("gate.migrations", {
  description: "Steps that make and change a module's tables.",
  identityOf: (step) => step.id,
  uniqueIn: "module",
  afterOf: (step) => step.after ?? []
})

/** The steps that a product's modules contribute, without starting any of them: for tools that open its database. */
export const migrationsOf = (
  product: Product
): ReadonlyArray<{ readonly module: string; readonly step: MigrationStep }> =>
  product.modules.flatMap((module) =>
    module.contributes.flatMap(({ content, point }) =>
      // Boundary: what is contributed to this very point.
      point === Migration && content._tag === "Value"
        ? [{ module: module.id, step: content.value as MigrationStep }]
        : []
    )
  )
