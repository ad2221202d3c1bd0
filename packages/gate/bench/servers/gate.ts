// The same route in a product: once open to all, once behind an Authenticator that knows the token. Prints its URL.
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { Authenticator, GateError, Gateway, GatewayInstance } from "../../src/index.ts"
import { makeAccessLog } from "../../src/internal/node/logging.ts"
import { jsonBody } from "../../src/jsonBody.ts"
import { NodeGateway } from "../../src/node.ts"

const echo = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
  Effect.map(request.json, (body) => HttpServerResponse.jsonUnsafe(body))
)

const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const known = new Map([
  [token, Effect.succeedSome({ id: "1", kind: "User", name: "a", operator: false, credential: { kind: "api-key" } })]
])
const unknown = Effect.fail(GateError.make("UNAUTHENTICATED"))

const Auth = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, {
    authenticate: (request) => {
      const header = request.headers.authorization
      return header === undefined ? Effect.succeedNone : (known.get(header.slice("Bearer ".length)) ?? unknown)
    }
  })
})

const Echo = Gateway.module.define({
  id: "echo",
  displayName: "Echo",
  routes: [
    { id: "route:open", scope: "public", mountPath: "/open", method: "POST", auth: "public", handle: echo },
    { id: "route:authed", scope: "public", mountPath: "/authed", method: "POST", handle: echo },
    {
      id: "route:strict",
      scope: "public",
      mountPath: "/strict",
      method: "POST",
      handle: Effect.map(jsonBody, (body) => HttpServerResponse.jsonUnsafe(body))
    }
  ]
})

const product = Gateway.make({ identity: { id: "bench", name: "Bench" }, modules: [Auth, Echo] })
const logged = process.argv.includes("--log")
const stream = Object.assign(process.stderr, { isTTY: false })
const accessLog = makeAccessLog({ logFormat: "json", logLevel: "Info" }, { stream })

GatewayInstance.start(product, {
  settings: { flags: { "gate.port": "0", "gate.host": "127.0.0.1", "gate.accessLog": String(logged) } },
  accessLog: accessLog.log
}).pipe(
  Effect.tap(({ url }) => Effect.sync(() => console.log(url))),
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(NodeGateway.layer),
  Effect.runFork
)
