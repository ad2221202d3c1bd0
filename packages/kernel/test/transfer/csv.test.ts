import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, KernelSchema, nodeClass, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bundleOf } from "../support/crm.ts"
import { call, create, get, install, onKernel } from "../support/kernel.ts"
import { exported, imported } from "../support/transfer.ts"

const Item = nodeClass({
  implements: [KernelSchema.interfaces.Named],
  props: {
    text: Schema.optional(Schema.String),
    count: Schema.optional(Schema.Int),
    flag: Schema.optional(Schema.Boolean),
    tags: Schema.optional(Schema.Array(Schema.String)),
    either: Schema.optional(Schema.Union([Schema.String, Schema.Finite])),
    slug: Schema.optional(Schema.String)
  }
})
const schema = defineSchema("shop.example.dev", { classes: { Item }, imports: [KernelSchema] })
const S = compileDomain(schema)
const csv = { format: "csv", class: S.Item.ref } as const

const onShop = <A>(test: Effect.Effect<A, unknown, import("../../src/index.ts").Kernel>) =>
  onKernel(Effect.andThen(Effect.andThen(install(bundleOf(schema)), create("/s")), test))

const refusal = (file: string, params: object = {}) =>
  Effect.map(Effect.flip(imported(file, { ...csv, under: "/s", ...params })), (error) => error as PorticoError)

describe("CSV", () => {
  it.effect("carries every value there and back", () =>
    Effect.gen(function* () {
      const values: ReadonlyArray<Record<string, unknown>> = [
        { text: 'a "quoted", text\r\nof two lines', count: -1, flag: true, tags: ["a", "b,c"], either: "12" },
        { text: "", either: 12, name: "=1+1" },
        { text: "  spaces  ", flag: false, tags: [], slug: "not-the-path" },
        { text: "null", either: "null", name: "ünï ✓" },
        {}
      ]
      const [file, before] = yield* onShop(
        Effect.gen(function* () {
          for (const [n, props] of values.entries()) yield* create(`/s/n${n}`, { class: S.Item.ref, props })
          return [yield* exported(csv), yield* call("/s::listChildren")] as const
        })
      )
      expect(file.split("\r\n")[0]).toBe(
        "path,id,class,text,count,flag,tags,either,shop.example.dev:class.Item.property.slug,name"
      )
      const after = yield* onShop(Effect.andThen(imported(file, csv), call("/s::listChildren")))
      const essence = ({ nodes }: typeof after) =>
        nodes.map(({ path, props }: { path: string; props: object }) => [path, props])
      expect(essence(after)).toEqual(essence(before))
    })
  )

  it.effect("is what spreadsheets write: a mark at its start, semicolons, capitals, any ends of lines", () =>
    onShop(
      Effect.gen(function* () {
        const file = '\u{feff}slug;count;flag;text\r\na;1;TRUE;x\n\nb; 2 ;false;\ry;3;;"z"\r'
        const result = yield* imported(file.replace("\ry", "\nc"), { ...csv, under: "/s", delimiter: ";" })
        expect(result).toMatchObject({ rows: 3, nodes: { created: 3 }, failed: 0 })
        expect((yield* get("/s/a")).props).toEqual({
          [S.Item.count.key]: 1,
          [S.Item.flag.key]: true,
          [S.Item.text.key]: "x"
        })
        expect((yield* get("/s/b")).props).toEqual({ [S.Item.count.key]: 2, [S.Item.flag.key]: false })
      })
    )
  )

  it.effect("says of what is wrong the line and the column", () =>
    onShop(
      Effect.gen(function* () {
        const unknown = yield* refusal("slug,conut\na,1\n")
        expect(unknown.message).toMatch(/^line 1: .*"conut"; did you mean count\?/)
        const cell = yield* refusal('slug,text,count\na,"two\nlines",1\nb,x,many\n')
        expect([cell.details?.line, cell.details?.column]).toEqual([4, "count"])
        expect(cell.message).toContain("has to be a number")
        expect((yield* refusal("slug,count\na,1,2\n")).message).toContain(
          "line 2: has 3 cells, and there are 2 columns"
        )
        expect((yield* refusal("slug,slug\na,1\n")).message).toContain('two columns "slug"')
        expect((yield* refusal('slug,text\na,"open\nb,c\n')).code).toBe("INVALID_BODY")
        expect((yield* refusal('slug,text\na,x"y"\n')).code).toBe("INVALID_BODY")
        expect((yield* refusal(`${"a,".repeat(2_000)}b\n`)).details?.limit).toBe("columns")
        expect((yield* refusal("slug,text\na,x\n", { class: undefined })).details).toMatchObject({
          issues: [{ path: ["class"] }]
        })
        const skipped = yield* imported("slug,count\na,1\nb,x\nc,1.5\nd,2\n", { ...csv, under: "/s", onError: "skip" })
        expect(skipped).toMatchObject({ nodes: { created: 2 }, failed: 2 })
        expect(skipped.errors).toMatchObject([
          { line: 3, column: "count" },
          { line: 4, column: "count" }
        ])
      })
    )
  )

  it.effect("runs no formula in a spreadsheet where that is asked for", () =>
    onShop(
      Effect.gen(function* () {
        yield* create("/s/a", { class: S.Item.ref, props: { text: '=HYPERLINK("http://evil")', count: -1 } })
        expect(yield* exported(csv)).toContain(',"=HYPERLINK(')
        const safe = yield* exported({ ...csv, escapeFormulas: true })
        expect(safe).toContain(`,"'=HYPERLINK(`)
        expect(safe).not.toContain(",=")
      })
    )
  )

  it.effect("is of one class", () =>
    onShop(
      Effect.gen(function* () {
        const error = yield* Effect.flip(exported({ format: "csv" }))
        expect(error).toMatchObject({ code: "INVALID_PARAMS", details: { issues: [{ path: ["class"] }] } })
      })
    )
  )
})
