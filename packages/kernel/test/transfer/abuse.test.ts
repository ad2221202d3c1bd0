import { describe, expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"
import { create, digest, onKernel, refused } from "../support/kernel.ts"
import { imported } from "../support/transfer.ts"

const folder = (path: string, more: object = {}) => ({ path, class: K.Folder.ref, ...more })

const refusal = (file: Parameters<typeof imported>[0], params?: Parameters<typeof imported>[1]) =>
  Effect.map(Effect.flip(imported(file, params)), (error) => error as PorticoError)

const mebibyte = 1_048_576

/** A line of this many bytes whose end never comes, in pieces. */
const endless = (bytes: number) => Stream.map(Stream.range(1, bytes / 65_536), () => new Uint8Array(65_536).fill(0x61))

describe("abuse 28: a file that is not what it should be", () => {
  it.effect("lines that are no rows are refused, each with its line, and change nothing", () =>
    onKernel(
      Effect.gen(function* () {
        const before = yield* digest
        const cases: ReadonlyArray<readonly [file: string | Uint8Array, code: string]> = [
          ["{", "INVALID_BODY"],
          ["[]", "INVALID_BODY"],
          ["null", "INVALID_BODY"],
          ["1e400", "INVALID_BODY"],
          ['{"path":"/a"}', "INVALID_PARAMS"],
          ['{"path":1,"class":"x"}', "INVALID_PARAMS"],
          ['{"pathh":"/a"}', "INVALID_PARAMS"],
          ['{"path":"/a","class":"kernel.portico.dev:class.Folder","props":{"name":1e400}}', "INVALID_PARAMS"],
          ['{"path":"/a","class":"kernel.portico.dev:class.Folder","props":{"name":"\\ud800"}}', "INVALID_PARAMS"],
          [
            `{"path":"/a","class":"kernel.portico.dev:class.Folder","props":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
            "LIMIT_EXCEEDED"
          ],
          ['{"source":"/a"}', "INVALID_PARAMS"],
          ['{"path":"/../a","class":"kernel.portico.dev:class.Folder"}', "INVALID_PATH"],
          ['{"end":{}}', "INVALID_BODY"],
          ['{"export":{"v":2}}', "INVALID_PARAMS"],
          ['{"export":{"v":1,"under":"/"}}\n', "INVALID_BODY"],
          ['{"export":{"v":1}}\n{"end":{}}\n{"path":"/a","class":"kernel.portico.dev:class.Folder"}', "INVALID_BODY"],
          [Uint8Array.of(0x7b, 0xff, 0x7d), "INVALID_BODY"],
          [Buffer.from("\0\0\0"), "INVALID_BODY"]
        ]
        for (const [file, code] of cases) {
          const error = yield* refusal(file)
          expect([String(file).slice(0, 60), error.code]).toEqual([String(file).slice(0, 60), code])
        }
        expect(yield* digest).toBe(before)
        expect((yield* imported("\u{feff}\r\n\n  \n")).rows).toBe(0)
      })
    )
  )

  it.effect("a line of any length costs what a line may have, and the next one is read", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const row = Buffer.from(`\n${JSON.stringify(folder("/a"))}\n`)
        const input = Stream.concat(endless(64 * mebibyte), Stream.succeed(row))
        const { result } = yield* kernel.call(Authority.system, {
          path: K.Node.import.path,
          params: { onError: "skip" },
          input
        })
        expect(result).toMatchObject({
          nodes: { created: 1 },
          failed: 1,
          errors: [{ line: 1, code: "LIMIT_EXCEEDED" }]
        })
        const csv = yield* Effect.flip(
          kernel.call(Authority.system, {
            path: K.Node.import.path,
            params: { format: "csv", class: K.Folder.ref },
            input: Stream.concat(Stream.succeed(Buffer.from('slug\n"')), endless(8 * mebibyte))
          })
        )
        expect(csv).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "line" } })
      })
    )
  )

  it.effect("is not taken by what reads nothing, nor missed by what reads", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* create("/a")
        const error = yield* Effect.flip(
          kernel.call(Authority.system, { path: "/a::get", input: Stream.make(new Uint8Array(1)) })
        )
        expect(error).toMatchObject({ code: "INVALID_PARAMS", details: { issues: [{ path: ["input"] }] } })
        expect((yield* refused(K.Node.import.path)).code).toBe("INVALID_PARAMS")
        const text = yield* Effect.flip(
          kernel.call(Authority.system, { path: K.Node.import.path, input: Stream.make("text") })
        )
        expect(text.code).toBe("INVALID_PARAMS")
        const broken = yield* Effect.flip(
          kernel.call(Authority.system, {
            path: K.Node.import.path,
            input: Stream.concat(
              Stream.make(Buffer.from(`${JSON.stringify(folder("/b"))}\n`)),
              Stream.fail("the wire was cut")
            )
          })
        )
        expect(broken.code).toBe("INVALID_BODY")
        expect((yield* refused("/b::get")).code).toBe("NOT_FOUND")
        const keyed = yield* Effect.flip(
          kernel.call(Authority.system, { path: K.Node.import.path, input: Stream.empty, idempotencyKey: "k" })
        )
        expect(keyed.code).toBe("INVALID_PARAMS")
      })
    )
  )
})

describe("abuse 27: keys such as __proto__ in a file", () => {
  it.effect("are keys that no row has, and pollute nothing", () =>
    onKernel(
      Effect.gen(function* () {
        const line = (text: string) => `{"path":"/a","class":"${K.Folder.ref}",${text}}`
        for (const text of [
          '"__proto__":{"x":1}',
          '"props":{"__proto__":1}',
          '"props":{"constructor":1}',
          '"toString":1'
        ]) {
          expect([text, (yield* refusal(line(text))).code]).toEqual([text, "INVALID_PARAMS"])
        }
        for (const column of ["__proto__", "constructor", "hasOwnProperty"]) {
          const error = yield* refusal(`slug,${column}\na,1\n`, { format: "csv", class: K.Folder.ref, under: "/" })
          expect([column, error.code]).toEqual([column, "INVALID_PARAMS"])
        }
        expect(({} as { x?: number }).x).toBeUndefined()
      })
    )
  )
})

describe("abuse 24: what the kernel sets itself, in a file", () => {
  it.effect("ids, revs and times of rows are not taken over, and reserved properties are refused", () =>
    onKernel(
      Effect.gen(function* () {
        const id = "0198c0de-0000-7000-8000-000000000000"
        yield* imported([folder("/a", { id, rev: 99, createdAt: 1, updatedAt: 1 })])
        const { result } = yield* (yield* Kernel).call(Authority.system, { path: "/a::get" })
        const node = result as { id: string; rev: number; createdAt: number }
        expect([node.id === id, node.rev === 99]).toEqual([false, false])
        for (const key of ["id", "rev", "path", "owner"]) {
          expect((yield* refusal([folder("/b", { props: { [key]: "x" } })])).code).toBe("INVALID_PARAMS")
        }
      })
    )
  )
})
