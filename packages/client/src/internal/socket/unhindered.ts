import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Protocol } from "effect/rpc/RpcClient"
import type { FromServerEncoded } from "effect/rpc/RpcMessage"

/**
 * The same connection, where a stream that is read slowly holds up nothing but itself. effect/rpc hands on what arrives one
 * after another, and waits where a stream has no room: so would all other calls, and the pings that keep the connection.
 * Here a stream waits beside them. What waits is a message of each: an instance sends the next when the one before was
 * taken.
 */
export const unhindered = (protocol: Protocol["Service"]): Protocol["Service"] => ({
  ...protocol,
  run: (clientId, take) =>
    Effect.scoped(
      Effect.flatMap(Effect.scope, (scope) => {
        const waiting = new Map<string | number, Fiber.Fiber<void>>()
        const beside = (id: string | number, work: Effect.Effect<void>) =>
          Effect.map(Effect.forkIn(work, scope, { startImmediately: true }), (fiber) => {
            if (fiber.pollUnsafe() !== undefined) return
            waiting.set(id, fiber)
            fiber.addObserver(() => {
              if (waiting.get(id) === fiber) waiting.delete(id)
            })
          })
        return protocol.run(clientId, (message: FromServerEncoded) => {
          if (message._tag !== "Chunk" && message._tag !== "Exit") return take(message)
          const { requestId } = message
          const before = waiting.get(requestId)
          if (before !== undefined) return beside(requestId, Effect.andThen(Fiber.await(before), take(message)))
          return message._tag === "Chunk" ? beside(requestId, take(message)) : take(message)
        })
      })
    )
})
