/** Installs domains into a Portico instance and runs their code. */
export * from "./DomainHost.ts"
export * from "./DomainHostModule.ts"
