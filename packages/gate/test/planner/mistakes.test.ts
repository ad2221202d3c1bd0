import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Migration } from "../../src/database.ts"
import { type DiagnosticCode, Gateway, type Module, PlanRefused, type SettingsSources } from "../../src/index.ts"
import { anyLayer, findings, module, product, route, tag } from "../support/planning.ts"

type Parts = Parameters<typeof module>[1] & {}

/** A module that is as it should be: it needs services of earlier ones only, and shares no name with another. */
const sound = (i: number, needs: ReadonlyArray<number>): readonly [id: string, parts: Parts] => [
  `m${i}`,
  {
    version: "1.2.3",
    requires: [...new Set(needs.map((need) => need % Math.max(i, 1)))]
      .filter((need) => need < i)
      .map((n) => service(n)),
    provides: [service(i)],
    layer: anyLayer,
    config: Schema.Struct({ size: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(i))) }),
    routes: [route(`/m${i}/:id`), route(`/m${i}`), route(`/m${i}/*`)],
    contributes: [Migration.of({ id: "0001_tables", up: "" })]
  }
]

const service = (i: number) => tag(`app/S${i}`)

const Needs = Schema.Array(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })))).check(
  Schema.isMinLength(2),
  Schema.isMaxLength(9)
)

interface Mistake {
  readonly code: DiagnosticCode
  /** Modules to add; `n` makes their names differ from those of the other mistakes. */
  readonly modules: (n: number) => ReadonlyArray<Module.Any>
  readonly settings?: (n: number) => SettingsSources
}

const tables = Migration.of({ id: "0001_tables", up: "" })
const point = (n: number) => Gateway.extensionPoint<string>(`nobody.owns${n}`)

const mistakes: ReadonlyArray<Mistake> = [
  { code: "GATE001", modules: (n) => [module(`twin${n}`), module(`twin${n}`)] },
  { code: "GATE002", modules: (n) => [module(`needy${n}`, { requires: [tag(`absent/S${n}`)] })] },
  {
    code: "GATE003",
    modules: (n) => [
      module(`x${n}`, { after: [`z${n}`] }),
      module(`y${n}`, { after: [`x${n}`] }),
      module(`z${n}`, { after: [`y${n}`] })
    ]
  },
  { code: "GATE004", modules: (n) => [module(`copy${n}`, { provides: [service(0)], layer: anyLayer })] },
  { code: "GATE005", modules: (n) => [module(`squatter${n}`, { routes: [route("/m0/:name")] })] },
  { code: "GATE006", modules: (n) => [module(`open${n}`, { routes: [route(`/gateway/v1/internal/open${n}`)] })] },
  {
    code: "GATE007",
    modules: (n) => [module(`set${n}`, { config: Schema.Struct({ size: Schema.Int }) })],
    settings: (n) => ({ env: { [`PORTICO_SET${n}_SIZE`]: "large" } })
  },
  { code: "GATE008", modules: (n) => [module(`giver${n}`, { contributes: [point(n).of("x")] })] },
  { code: "GATE009", modules: (n) => [module(`bad${n}`, { routes: [route(`/bad${n}/../x`)] })] },
  { code: "GATE010", modules: (n) => [module(`picky${n}`, { versions: { m0: "^9.0.0" } })] },
  { code: "GATE011", modules: (n) => [module(`Loud_${n}`)] },
  { code: "GATE012", modules: (n) => [module(`double${n}`, { contributes: [tables, tables] })] },
  {
    code: "GATE013",
    modules: (n) => [
      module(`bare${n}`, { routes: [{ id: "r", scope: "public", auth: "public", mountPath: `/bare${n}` }] })
    ]
  }
]

const shuffled = <A>(list: ReadonlyArray<A>, seed: number): ReadonlyArray<A> =>
  list
    .map((value, i) => ({ value, at: (i * 7919 + seed * 104_729) % 1009 }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)

const Picks = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: mistakes.length - 1 }))).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(6)
)
const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))

describe("a product of any shape", () => {
  it.prop(
    "has a plan when nothing is wrong with it, in whatever order it is listed",
    [Needs, Seed],
    ([needs, seed]) => {
      const modules = needs.map((need, i) => module(...sound(i, need)))
      expect(findings(shuffled(modules, seed))).toEqual([])
    }
  )

  it.prop("is told each of its mistakes at once", [Needs, Picks, Seed], ([needs, picks, seed]) => {
    const made = picks.map((pick) => mistakes[pick]).filter((mistake) => mistake !== undefined)
    const modules = [
      ...needs.map((need, i) => module(...sound(i, need))),
      ...made.flatMap((mistake, n) => mistake.modules(n))
    ]
    const env = Object.assign({}, ...made.map(({ settings }, n) => settings?.(n).env ?? {}))
    const found = findings(shuffled(modules, seed), { settings: { env } })
    for (const [n, { code, modules }] of made.entries()) {
      const ids = modules(n).map(({ id }) => id)
      const about = found.filter((finding) => finding.code === code && finding.modules.some((id) => ids.includes(id)))
      expect([code, ids, about.length > 0]).toEqual([code, ids, true])
    }
    // Nothing is said of what is in order.
    const wrong = new Set(made.flatMap(({ modules }, n) => modules(n).map(({ id }) => id)))
    expect(found.filter((finding) => !finding.modules.some((id) => wrong.has(id)))).toEqual([])
  })

  const Text = Schema.Union([
    Schema.String,
    Schema.Literals(["a", "b", "gate", "constructor", "__proto__", "/", "/:x", "^1", ""])
  ])
  const Anything = Schema.Array(
    Schema.Struct({
      id: Text,
      name: Text,
      version: Text,
      after: Schema.Array(Text),
      versions: Schema.Record(Text, Text),
      service: Text,
      needs: Schema.Array(Text),
      paths: Schema.Array(Text),
      key: Text,
      steps: Schema.Array(Schema.Struct({ id: Text, after: Schema.Array(Text) })),
      point: Text,
      on: Schema.Boolean
    })
  ).check(Schema.isMaxLength(4))

  it.prop("is planned or refused, never thrown at", [Anything, Schema.Record(Text, Schema.Json)], ([list, values]) => {
    const modules = list.map((one) =>
      Gateway.when(
        one.on,
        module(one.id, {
          version: one.version,
          after: one.after,
          versions: one.versions,
          provides: one.service === "" ? [] : [tag(one.service)],
          layer: anyLayer,
          requires: one.needs.map((need, i) => (i % 2 === 0 ? tag(need) : Gateway.optional(tag(need)))),
          routes: one.paths.map((path, i) => route(path as `/${string}`, { id: `r${i}` })),
          config: Schema.Struct({ [one.key]: Schema.optionalKey(Schema.String) }),
          owns: [Gateway.extensionPoint(one.point)],
          contributes: one.steps.map(({ after, id }) => Migration.of({ id, after, up: "" }))
        })
      )
    )
    const settings = { flags: values, env: {}, file: { path: "x.toml", values } }
    const plan = Gateway.plan(product(...modules), { settings })
    if (Result.isSuccess(plan)) return
    expect(plan.failure).toBeInstanceOf(PlanRefused)
    expect(plan.failure.diagnostics.length).toBeGreaterThan(0)
    expect(plan.failure.message).toContain("cannot be planned")
  })
})
