/** Typed client of a Portico instance, and of a kernel in the same process. */

export type * from "./Calls.ts"
export * from "./Changes.ts"
export type * from "./Files.ts"
export type * from "./Finding.ts"
export * from "./GraphClient.ts"
export type { Fetch, HttpOptions, Token } from "./internal/http.ts"
export type { DomainProxy, ProxyCall } from "./internal/proxy.ts"
export type * from "./Node.ts"
export { addressOf, readProp, readProps } from "./Node.ts"
export * from "./Pages.ts"
export * from "./PorticoClient.ts"
export type * from "./Transport.ts"
