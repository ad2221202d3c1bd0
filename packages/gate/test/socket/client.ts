import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Socket from "effect/socket/Socket"
import type { GatewayInstance } from "../../src/index.ts"
import { NotesRpcs } from "./notes.ts"

export const base64url = (text: string): string => Buffer.from(text).toString("base64url")

/** What a browser would offer. */
export const protocolsOf = (token: string): Array<string> => ["portico.rpc.v1", `portico.bearer.${base64url(token)}`]

export const socketUrl = ({ url }: Pick<GatewayInstance, "url">): string =>
  `${url.replace(/^http/, "ws")}/gateway/v1/socket`

/** effect/rpc's own client over a socket of the instance, as the caller of a token. */
export const notesClient = Effect.fnUntraced(function* (instance: Pick<GatewayInstance, "url">, token: string) {
  const socket = Layer.effect(
    Socket.Socket,
    Socket.makeWebSocket(socketUrl(instance), { protocols: protocolsOf(token) })
  ).pipe(Layer.provide(Socket.layerWebSocketConstructorGlobal))
  const protocol = RpcClient.layerProtocolSocket().pipe(Layer.provide([socket, RpcSerialization.layerJson]))
  return yield* Effect.provideContext(RpcClient.make(NotesRpcs), yield* Layer.build(protocol))
})
