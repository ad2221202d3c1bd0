import { readFileSync } from "node:fs"
import { Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Gateway } from "../../src/index.ts"
import { runProduct } from "../../src/internal/node/run.ts"
import { product } from "./sevenMistakes.ts"

const folder = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "")

/** Where the source declares a module. */
const placeOf = (id: string): string => {
  const lines = readFileSync(`${folder}/sevenMistakes.ts`, "utf8").split("\n")
  return `sevenMistakes.ts:${lines.findIndex((line) => line.includes(`id: "${id}"`))}`
}

const refusal = () => {
  const refused = Gateway.plan(product, { settings: { env: {} } })
  if (Result.isSuccess(refused)) throw new Error("It was planned.")
  return refused.failure
}

/** What the process of a product prints when it is started on a terminal of so many columns. */
const printed = (columns: number) =>
  Effect.gen(function* () {
    let text = ""
    const stream = Object.assign(
      new Writable({
        write: (chunk, _, done) => {
          text += chunk
          done()
        }
      }),
      { columns }
    )
    const code = yield* runProduct(product, {
      argv: [],
      env: {},
      cwd: folder,
      out: () => {},
      log: { stream },
      stopAsked: Effect.never,
      secondSignalCounts: Effect.never,
      uptime: () => 0
    })
    return { code, text }
  })

describe("a product with seven mistakes", () => {
  it("is told all of them at once, each with its places, a guess where there is one, and what to do", () => {
    const { diagnostics } = refusal()
    const seen = diagnostics.map(({ candidates, code, fix, places }) => {
      expect(fix).not.toBe("")
      return [code, places.map(({ place }) => `sevenMistakes.ts:${place?.line}`), candidates]
    })
    expect(seen).toEqual([
      ["GATE002", [placeOf("crm")], ["did you forget to add SqliteModule of @portico/gate-adapters? It provides it"]],
      ["GATE003", [placeOf("crm"), placeOf("billing")], []],
      ["GATE004", [placeOf("smtp"), placeOf("outbox")], []],
      ["GATE005", [placeOf("crm"), placeOf("portal")], []],
      ["GATE007", [placeOf("crm")], []],
      ["GATE010", [placeOf("billing"), placeOf("crm")], []],
      ["GATE012", [placeOf("portal")], ['did you mean "billing"?']]
    ])
  })

  it.effect("does not start, and prints them for a person: places as one would open them, no line too long", () =>
    Effect.gen(function* () {
      const { code, text } = yield* printed(80)
      expect(code).toBe(1)
      expect(text.match(/^GATE\d+/gm)).toHaveLength(7)
      expect(text).toContain(`        at    ${placeOf("crm")} (module "crm")\n`)
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
      expect(text).toMatch(/\n7 errors\n$/)
    })
  )

  it.effect("keeps a name in one piece where the terminal is narrow", () =>
    Effect.gen(function* () {
      const { text } = yield* printed(46)
      expect(text).toContain(`\n              ${placeOf("billing")}\n              (module "billing")\n`)
      expect(text.split("\n").filter((line) => line.length > 46)).toEqual([])
    })
  )
})
