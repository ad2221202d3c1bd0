export * from "../Migrations.ts"
export type { PostgresOptions } from "./PostgresDatabase.ts"
export * as PostgresDatabase from "./PostgresDatabase.ts"
export { PostgresConfig, PostgresModule } from "./PostgresModule.ts"
