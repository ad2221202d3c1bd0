import type { Server, Socket } from "node:net"
import { Deferred, Effect } from "effect"

/** Who is connected to a server. */
export const watchConnections = (server: Server) => {
  const sockets = new Set<Socket>()
  const gone = Deferred.makeUnsafe<void>()
  const seen = { count: 0 }
  server.on("connection", (socket: Socket) => {
    seen.count++
    sockets.add(socket)
    socket.on("close", () => {
      sockets.delete(socket)
      if (sockets.size === 0) Deferred.doneUnsafe(gone, Effect.void)
    })
  })
  return {
    seen,
    /** Ends once somebody was connected and nobody is. */
    gone: Deferred.await(gone),
    destroy: () => {
      for (const socket of sockets) socket.destroy()
    }
  }
}
