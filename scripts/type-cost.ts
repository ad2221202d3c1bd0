// How much longer a product of sixty modules takes to type-check than an empty one: the check `type-cost`. Both are
// written into a temporary folder and compiled in turn. What the compiler does is counted, which is the same on every
// machine. What it takes is the least of several rounds, since other work on the machine only ever adds; and a machine
// that needs longer than ours for the empty product has as much longer for the other one.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "./workspace.mjs"

const count = 60
const rounds = 5
/** Seconds more, where the empty product takes {@link usual}. */
const most = 2
/** Seconds that the empty product takes on a machine of two cores that has nothing else to do. */
const usual = 1
/** Types that the compiler makes of generic ones, for each module. Most are of the module's `HttpApi`. */
const mostInstantiations = 9_000

const gate = join(root, "packages", "gate")

/** Like in a product: most modules need one or two others, some can do without a third. */
const needsOf = (index: number): ReadonlyArray<number> =>
  [...new Set([index - 1, Math.floor(index / 2), Math.floor(index / 3)])].filter((need) => need >= 0 && need < index)

/** A module as people write them: a service, settings, an api of two endpoints, a hand-laid route, contributions. */
const moduleSource = (index: number): string => {
  const needs = needsOf(index)
  const [optional, ...required] = needs.length > 2 ? [...needs].reverse() : [undefined, ...needs]
  const tags = required.map((need) => `Service${need}`)
  const requires = [...tags, ...(optional === undefined ? [] : [`Gateway.optional(Service${optional})`])]
  const imports = needs.map((need) => `import { Service${need} } from "./module${need}.ts"`)
  return `${imports.join("\n")}
import { Gateway, HealthCheck } from "@portico/gate"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

export class Service${index} extends Context.Service<Service${index}, {
  readonly find: (id: string) => Effect.Effect<string, Error>
  readonly size: number
}>()("app/Service${index}") {}

const Config = Schema.Struct({
  pageSize: Gateway.setting(Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(20))), { description: "Rows." }),
  token: Schema.optionalKey(Schema.Redacted(Schema.String))
})
const Row = Schema.Struct({ id: Schema.String, name: Schema.NonEmptyString, size: Schema.Int })
const Api = HttpApi.make("api${index}").add(
  HttpApiGroup.make("rows")
    .add(HttpApiEndpoint.get("read", "/rows/:id", { params: { id: Schema.String }, success: Row }))
    .add(HttpApiEndpoint.post("add", "/rows", { payload: Row, success: Row }))
)
const handlers = HttpApiBuilder.group(Api, "rows", (group) =>
  group
    .handle("read", ({ params }) => Effect.map(Service${index}, ({ size }) => ({ id: params.id, name: params.id, size })))
    .handle("add", ({ payload }) => Effect.succeed(payload))
)

export const Module${index} = Gateway.module.define({
  id: "module-${index}",
  displayName: "Module ${index}",
  version: "1.0.0",
  requires: [${requires.join(", ")}],
  provides: [Service${index}],
  config: Config,
  layer: Layer.effect(
    Service${index},
    Effect.gen(function* () {
      const { pageSize } = yield* Gateway.config(Config)
${tags.map((tag, at) => `      const service${at} = yield* ${tag}`).join("\n")}
${optional === undefined ? "" : `      yield* Effect.serviceOption(Service${optional})`}
      return { find: (id: string) => Effect.succeed(id), size: pageSize${tags.map((_, at) => ` + service${at}.size`).join("")} }
    })
  ),
  routes: [
    { id: "route:api", scope: "public", mountPath: "/m${index}", api: Api, handlers },
    {
      id: "route:page",
      scope: "public",
      auth: "optional",
      mountPath: "/m${index}/page",
      handle: Effect.map(Service${index}, ({ size }) => HttpServerResponse.text(String(size)))
    }
  ],
  contributes: [HealthCheck.effect(Effect.map(Service${index}, ({ size }) => ({ name: "rows", check: size < 0 ? Effect.fail({ message: "none" }) : Effect.void })))]
})
`
}

const productSource = (size: number): string => {
  const indexes = Array.from({ length: size }, (_, index) => index)
  return `import { Gateway } from "@portico/gate"
${indexes.map((index) => `import { Module${index} } from "./module${index}.ts"`).join("\n")}
export const product = Gateway.make({
  identity: { id: "example", name: "Example" },
  modules: [${indexes.map((index) => `Module${index}`).join(", ")}]
})
`
}

const writeProduct = (folder: string, size: number): void => {
  mkdirSync(folder)
  for (let index = 0; index < size; index++) writeFileSync(join(folder, `module${index}.ts`), moduleSource(index))
  writeFileSync(join(folder, "product.ts"), productSource(size))
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: {
        types: ["node"],
        typeRoots: [join(root, "node_modules", "@types")],
        rewriteRelativeImportExtensions: false,
        paths: { "@portico/gate": [join(gate, "src", "index.ts")] }
      },
      include: ["*.ts"]
    })
  )
}

interface Cost {
  /** Waited for, or processor time where that is less: then the machine was busy with other things. */
  readonly seconds: number
  readonly instantiations: number
}

/** What it costs to compile; ends the check with the compiler's words if it finds anything. */
const compile = (folder: string): Cost => {
  const command = 'TIMEFORMAT="%U %S"; time "$0" --noEmit --extendedDiagnostics -p "$1"'
  const tsc = join(root, "node_modules", ".bin", "tsc")
  const begun = performance.now()
  const { status, stderr, stdout } = spawnSync("bash", ["-c", command, tsc, folder], { encoding: "utf8" })
  if (status !== 0) throw new Error(`The generated product does not compile:\n${stdout.slice(0, 2_000)}${stderr}`)
  const waited = (performance.now() - begun) / 1_000
  const [user, system] = stderr.trim().split(/\s+/).map(Number)
  return {
    seconds: Math.min(waited, (user ?? Number.NaN) + (system ?? Number.NaN)),
    instantiations: Number(/^Instantiations:\s*(\d+)$/m.exec(stdout)?.[1])
  }
}

const least = (costs: ReadonlyArray<Cost>): number => Math.min(...costs.map((cost) => cost.seconds))

const seconds = (value: number): string => `${value.toFixed(2)} s`

const folder = mkdtempSync(join(tmpdir(), "portico-type-cost-"))
try {
  symlinkSync(join(gate, "node_modules"), join(folder, "node_modules"))
  const [empty, large] = [join(folder, "empty"), join(folder, "large")]
  writeProduct(empty, 0)
  writeProduct(large, count)
  const costs = Array.from({ length: rounds }, () => ({ empty: compile(empty), large: compile(large) }))
  const before = least(costs.map((cost) => cost.empty))
  const after = least(costs.map((cost) => cost.large))
  const allowed = most * Math.max(1, before / usual)
  const [first] = costs
  const each = first === undefined ? Number.NaN : (first.large.instantiations - first.empty.instantiations) / count
  console.log(
    `to type-check, a product of ${count} modules takes ${seconds(after)}, an empty one ${seconds(before)}: ` +
      `${seconds(after - before)} more, of at most ${seconds(allowed)}; ` +
      `${Math.round(each)} instantiations for each module, of at most ${mostInstantiations}`
  )
  if (!(after - before < allowed && each < mostInstantiations)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
