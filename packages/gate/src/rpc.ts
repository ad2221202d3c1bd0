export * from "./SocketRpc.ts"
