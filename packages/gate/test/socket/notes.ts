import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CurrentCaller, Gateway, GatewayInstance, type Product, SocketRpcs } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { resumable, SocketCall } from "../../src/rpc.ts"
import { AuthModule } from "../http/product.ts"

export const NotesRpcs = RpcGroup.make(
  Rpc.make("notes.whoami", { success: Schema.String }),
  Rpc.make("notes.add", { payload: { one: Schema.Int, other: Schema.Int }, success: Schema.Int }),
  Rpc.make("notes.count", { payload: { to: Schema.Int }, success: Schema.Int, stream: true }),
  Rpc.make("notes.broken", { success: Schema.Void }),
  Rpc.make("notes.text", { payload: { size: Schema.Int }, success: Schema.String }),
  Rpc.make("notes.never", { success: Schema.Void }),
  resumable("notes.watch", { payload: { size: Schema.Int }, item: Schema.String })
).middleware(SocketCall)

/** Items from a position on, each of `size` characters, without end. */
const watch = (size: number, since: string | undefined) =>
  Stream.map(
    Stream.iterate(since === undefined ? 1 : Number(since) + 1, (n) => n + 1),
    (n) => ({ position: String(n), item: "x".repeat(size) })
  ).pipe(Stream.rechunk(1))

const handlers = NotesRpcs.toLayer({
  "notes.whoami": () =>
    CurrentCaller.useSync(({ caller }) => Option.match(caller, { onNone: () => "nobody", onSome: ({ name }) => name })),
  "notes.add": ({ one, other }) => Effect.succeed(one + other),
  "notes.count": ({ to }) => Stream.range(1, to),
  "notes.broken": () => Effect.die(new Error("password=hunter2")),
  "notes.text": ({ size }) => Effect.succeed("x".repeat(size)),
  "notes.never": () => Effect.never,
  "notes.watch": ({ since, size }) => watch(size, since)
})

export const NotesModule = Gateway.module.define({
  id: "notes",
  displayName: "Notes",
  contributes: [SocketRpcs.of("notes", NotesRpcs, handlers)]
})

export const notes = Gateway.make({ identity: { id: "notes", name: "Notes" }, modules: [AuthModule, NotesModule] })

/** The product on a free port. */
export const start = (flags: Readonly<Record<string, unknown>> = {}, product: Product = notes) =>
  Effect.provide(
    GatewayInstance.start(product, { settings: { flags: { "gate.port": "0", ...flags } } }),
    NodeGateway.layer
  )
