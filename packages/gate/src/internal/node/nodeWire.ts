import type { Socket } from "node:net"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type { Wire } from "../../HttpTransport.ts"

/** The TCP or Unix socket under a request. */
export const nodeWire = (request: HttpServerRequest.HttpServerRequest): Wire => {
  const socket: Socket = NodeHttpServerRequest.toIncomingMessage(request).socket
  return {
    pending: () => socket.writableLength,
    // An empty write is no bytes on the wire, and its callback comes after those of everything before it.
    onFlushed: (resume) => {
      if (socket.destroyed) resume()
      else socket.write("", () => resume())
    },
    cut: () => void socket.destroy()
  }
}
