import type { MigrationStep } from "@portico/gate/database"

/** A step, and the id of the module whose tables it makes. */
export interface ModuleStep {
  readonly module: string
  readonly step: MigrationStep
}
