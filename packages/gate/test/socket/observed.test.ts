import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { Gateway, Observability, SocketRpcs } from "../../src/index.ts"
import { SocketCall } from "../../src/rpc.ts"
import { FakeObservability } from "../../src/testing.ts"
import { AuthModule } from "../http/product.ts"
import { start } from "./notes.ts"
import { connect } from "./peer.ts"

const Small = Schema.Int.check(Schema.isLessThan(10))

const ShopRpcs = RpcGroup.make(
  Rpc.make("shop.price", { payload: { of: Schema.String }, success: Small }),
  Rpc.make("shop.broken", { success: Schema.Void })
).middleware(SocketCall)

const handlers = ShopRpcs.toLayer({
  "shop.price": ({ of }) => Effect.as(Effect.withSpan(Effect.log("looking it up"), "shop.lookup"), of.length),
  "shop.broken": () => Effect.die(new Error("wires crossed"))
})

const ShopModule = Gateway.module.define({
  id: "shop",
  displayName: "Shop",
  contributes: [SocketRpcs.of("shop", ShopRpcs, handlers)]
})

const observedShop = Effect.gen(function* () {
  const { observed, service } = FakeObservability.make()
  const ObserverModule = Gateway.module.define({
    id: "observer",
    displayName: "Observer",
    provides: [Observability],
    layer: Layer.succeed(Observability, service)
  })
  const product = Gateway.make({
    identity: { id: "shop", name: "Shop" },
    modules: [AuthModule, ObserverModule, ShopModule]
  })
  const instance = yield* start({}, product)
  return { observed, peer: yield* connect(instance, "ada") }
})

describe("calls over the socket of a product that somebody observes", () => {
  it.live("each have a span with the module and the request id, in the trace that the client began", () =>
    Effect.gen(function* () {
      const { observed, peer } = yield* observedShop
      const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true }
      const request = { _tag: "Request", id: 1, tag: "shop.price", payload: { of: "tea" }, headers: [], ...trace }
      peer.raw(JSON.stringify(request))
      expect(yield* peer.exitOf(1)).toEqual({ _tag: "Success", value: 3 })
      const spans = new Map((yield* observed.spans).map((span) => [span.name, span]))
      const call = spans.get("socket.shop.price")
      expect(call).toMatchObject({ traceId: trace.traceId, parentSpanId: trace.spanId, failed: false })
      expect(call?.attributes).toMatchObject({
        "portico.module": "shop",
        "portico.request_id": expect.stringMatching(/\.1$/)
      })
      expect(spans.get("shop.lookup")).toMatchObject({ traceId: trace.traceId, parentSpanId: call?.spanId })
    })
  )

  it.live("log what went wrong under the request id that the client is told, and tell it nothing else", () =>
    Effect.gen(function* () {
      const { observed, peer } = yield* observedShop
      peer.request(1, "shop.broken")
      const broken = yield* peer.failureOf(1)
      // The result does not fit the call's own schema.
      peer.request(2, "shop.price", { of: "a long name" })
      const unfit = yield* peer.failureOf(2)
      expect([broken?.code, unfit?.code]).toEqual(["INTERNAL", "INTERNAL"])
      const lines = (yield* observed.logs).map((line) => JSON.stringify(line))
      const lineOf = (text: string) => lines.find((line) => line.includes(text))
      expect(lineOf("The call shop.broken failed")).toContain(broken?.requestId ?? "-")
      expect(lineOf("The result of shop.price could not be sent")).toContain(unfit?.requestId ?? "-")
    })
  )
})
