export * from "./contracts/Database.ts"
export * from "./contracts/Migration.ts"
