import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import { askDatabase, describeWithPostgres } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import { onOneDatabase } from "./support.ts"

const create = (path: string) => ({ class: K.Folder.ref, path })

/** Ends every session of kernels on a database. */
const cutOff = (url: string) =>
  Effect.promise(() =>
    askDatabase(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'portico'"
    )
  )

describeWithPostgres("a kernel whose connections are cut", () => {
  it.effect("fails with UNAVAILABLE or goes on; what it acknowledged is there, and what it refused is not", () =>
    Effect.gen(function* () {
      const { start, url } = yield* onOneDatabase
      const kernel = yield* start
      yield* kernel.call(K.Node.createNode.path, create("/a"))
      const [made, refused]: [Array<string>, Array<[string, PorticoError]>] = [[], []]
      const writer = (name: number) =>
        Effect.gen(function* () {
          for (let i = 0; i < 40; i++) {
            const path = `/a/${name}-${i}`
            yield* Effect.match(kernel.call(K.Node.createNode.path, create(path)), {
              onSuccess: () => made.push(path),
              onFailure: (error) => refused.push([path, error])
            })
          }
        })
      const cutter = Effect.gen(function* () {
        for (let i = 0; i < 8; i++) {
          yield* cutOff(url)
          yield* Effect.ignore(kernel.call("/a::get"))
        }
      })
      yield* Effect.all([...Array.from({ length: 8 }, (_, name) => writer(name)), cutter], { concurrency: "unbounded" })
      const { nodes } = yield* kernel.call("/a::listChildren", { limit: 1_000 })
      const there = new Set(nodes.map(({ path }: { path: string }) => path))
      expect(made.filter((path) => !there.has(path))).toEqual([])
      for (const [path, error] of refused) {
        expect(error.code).toBe("UNAVAILABLE")
        if (error.details?.reason !== "Unknown") expect([path, there.has(path)]).toEqual([path, false])
      }
      expect(made.length + refused.length).toBe(320)
    }).pipe(Effect.scoped)
  )
})

describeWithPostgres("a process that is killed while it writes", () => {
  it.effect("loses nothing that it acknowledged, and holds up nobody", () =>
    Effect.gen(function* () {
      const { start, url } = yield* onOneDatabase
      const survivor = yield* start
      yield* survivor.call(K.Node.createNode.path, create("/a"))
      const acknowledged = yield* Effect.promise(() => killAfter(url, 200))
      expect(acknowledged.length).toBeGreaterThanOrEqual(200)
      expect(yield* survivor.code(K.Node.createNode.path, create("/a/after"))).toBe("ok")
      const { nodes } = yield* survivor.call("/a::listChildren", { limit: 1_000 })
      const there = new Set(nodes.map(({ slug }: { slug: string }) => slug))
      expect(acknowledged.filter((slug) => !there.has(slug))).toEqual([])
    }).pipe(Effect.scoped)
  )
})

/** Starts a process that writes, kills it once it has acknowledged so many writes, and gives those. */
const killAfter = async (url: string, count: number): Promise<ReadonlyArray<string>> => {
  const script = new URL("./fixtures/writer.ts", import.meta.url).pathname
  const child = spawn(process.execPath, [script, url], { stdio: ["ignore", "pipe", "inherit"] })
  const slugs: Array<string> = []
  for await (const line of createInterface({ input: child.stdout })) {
    slugs.push(line)
    if (slugs.length === count) child.kill("SIGKILL")
  }
  return slugs
}
