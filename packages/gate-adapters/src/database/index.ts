export { DatabaseConfig, DatabaseModule } from "./DatabaseModule.ts"
