/** The runtime socket of an instance. */

export type { WebSocketConstructor } from "./internal/socket/dial.ts"
export * from "./PorticoSocket.ts"
