// Starts 100 empty modules and prints how many milliseconds that took.
import * as Effect from "effect/Effect"
import { Gateway, GatewayInstance, type Module } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"

const count = 100
const module = (i: number): Module.Any => Gateway.module.define({ id: `module-${i}`, displayName: `Module ${i}` })

const product = Gateway.make({
  identity: { id: "bench", name: "Bench" },
  modules: Array.from({ length: count }, (_, i) => module(i))
})

const settings = { flags: { "gate.port": "0" } }
const timed = Effect.gen(function* () {
  const before = performance.now()
  yield* GatewayInstance.start(product, { settings })
  console.log(performance.now() - before)
})

Effect.runPromise(timed.pipe(Effect.scoped, Effect.provide(NodeGateway.layer))).then(() => process.exit(0))
