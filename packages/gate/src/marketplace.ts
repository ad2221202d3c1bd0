export * from "./contracts/Marketplace.ts"
export * from "./contracts/MarketplaceManifest.ts"
export * from "./contracts/MarketplaceSource.ts"
