// Serves the product that is measured, with its access log if `--log` is given. Prints its URL.
import * as Effect from "effect/Effect"
import { GatewayInstance } from "../../src/index.ts"
import { makeAccessLog } from "../../src/internal/node/logging.ts"
import { NodeGateway } from "../../src/node.ts"
import { product } from "./benchProduct.ts"

const logged = process.argv.includes("--log")
const stream = Object.assign(process.stderr, { isTTY: false })
const accessLog = makeAccessLog({ logFormat: "json", logLevel: "Info" }, { stream })

GatewayInstance.start(product, {
  settings: {
    flags: {
      "gate.port": "0",
      "gate.host": "127.0.0.1",
      "gate.accessLog": String(logged),
      "gate.corsOrigins": "https://app.example.com"
    }
  },
  accessLog: accessLog.log
}).pipe(
  Effect.tap(({ url }) => Effect.sync(() => console.log(url))),
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(NodeGateway.layer),
  Effect.runFork
)
