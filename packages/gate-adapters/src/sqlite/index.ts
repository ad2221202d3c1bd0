export * from "../Migrations.ts"
export type { SqliteOptions } from "./SqliteDatabase.ts"
export * as SqliteDatabase from "./SqliteDatabase.ts"
export { SqliteConfig, SqliteModule } from "./SqliteModule.ts"
