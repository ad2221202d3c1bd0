export * from "./bundledDomains.ts"
export * from "./porticoGateway.ts"
export * from "./version.ts"
