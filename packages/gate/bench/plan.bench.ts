/**
 * How long it takes to plan a large product: `node packages/gate/bench/plan.bench.ts`.
 * 200 modules, each with a service, settings and migrations, and 1000 routes, of which 600 are endpoints of apis.
 * The median of 50 plans after 10 to warm up, and the first one, which is what a start pays, in milliseconds that its
 * thread had on a CPU: planning waits for nothing, and other work on the machine disturbs that less. What the engine does
 * beside it in the first one, mostly for the modules that were just loaded, holds nobody up.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Migration } from "../src/database.ts"
import { Gateway, type Module } from "../src/index.ts"
import { below, median, report } from "./report.ts"

const count = 200
const tags = Array.from({ length: count }, (_, i) => Context.Service<unknown, unknown>(`bench/Service${i}`))
const handle = Effect.succeed(HttpServerResponse.empty())

const api = (i: number) =>
  HttpApi.make(`api${i}`)
    .add(
      HttpApiGroup.make("all").add(
        HttpApiEndpoint.get("list", "/contacts", { success: Schema.String }),
        HttpApiEndpoint.get("one", "/contacts/:id", { params: { id: Schema.String }, success: Schema.String }),
        HttpApiEndpoint.post("create", "/contacts", { payload: Schema.String, success: Schema.String })
      )
    )
    .annotate(...Gateway.auth("public"))

/** The services are made up, so there is nothing to give and nothing to take. */
const madeUp = Layer.empty as unknown as Layer.Layer<unknown, never, unknown>

const module = (i: number): Module.Any =>
  Gateway.module.define({
    id: `module-${i}`,
    displayName: `Module ${i}`,
    version: "1.2.3",
    // Up to three services of earlier modules, spread over the list.
    requires: [i - 1, Math.floor(i / 2), Math.floor(i / 5)]
      .filter((n) => n >= 0 && n < i)
      .flatMap((n) => tags[n] ?? []),
    provides: tags.slice(i, i + 1),
    layer: madeUp,
    config: Schema.Struct({
      path: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("./data"))),
      size: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10)))
    }),
    routes: [
      { id: "api", scope: "public", mountPath: `/m${i}`, api: api(i) },
      { id: "export", scope: "public", auth: "public", mountPath: `/m${i}/export`, handle },
      { id: "files", scope: "public", auth: "public", mountPath: `/m${i}/files/*`, handle }
    ],
    contributes: [Migration.of({ id: "0001_tables", up: "" }), Migration.of({ id: "0002_more", up: "" })]
  })

const modules = Array.from({ length: count }, (_, i) => module(i))
const product = Gateway.make({ identity: { id: "bench", name: "Bench" }, modules })

const time = (): number => {
  const start = process.threadCpuUsage()
  const planned = Gateway.plan(product, { settings: { env: { PORTICO_MODULE_7_SIZE: "3" } } })
  const { system, user } = process.threadCpuUsage(start)
  if (Result.isFailure(planned)) throw planned.failure
  return (user + system) / 1_000
}

const first = time()
for (let i = 0; i < 10; i++) time()
const times = Array.from({ length: 50 }, time).sort((a, b) => a - b)
const planned = Result.getOrThrow(Gateway.plan(product))
console.log(`${planned.modules.length} modules, ${planned.routes.length} routes, slowest ${times[49]?.toFixed(1)} ms`)
report([
  below("plan of 200 modules with 1,000 routes, CPU time, median of 50", median(times), "ms", 50),
  below("the first such plan of a process, nothing warmed up", first, "ms", 50)
])
