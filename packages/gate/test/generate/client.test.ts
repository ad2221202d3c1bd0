import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { generate } from "../../src/generate.ts"
import { Gateway, type Product } from "../../src/index.ts"
import { clientSource } from "../../src/internal/generate/client.ts"
import { GatewayTest, type TestFetch } from "../../src/testing.ts"
import { hardDocument } from "./hardDocument.ts"
import { oddShop } from "./product.ts"

const workspace = fileURLToPath(new URL("../../../..", import.meta.url))

/** A program as a user would write it. The compiler checks it along with the client. */
const program = `
import { type Client, createClient, type DataOf, dataOf, type ItemsReadOutcome, RequestFailed } from "./client.ts"

type Fetch = (url: string, init: RequestInit) => Promise<Response>
const clientOf = (fetch: Fetch, token?: string): Client => createClient({ baseUrl: "http://localhost/", fetch, token })

export const read = async (fetch: Fetch) => {
  const outcome = await clientOf(fetch).itemsRead({ params: { id: "7" }, query: { lang: "de" } })
  if (!outcome.ok) throw new RequestFailed(outcome)
  const item: { readonly id: number; readonly name: string } = outcome.data
  const same: DataOf<ItemsReadOutcome> = item
  return same
}

export const outOfStock = async (fetch: Fetch) => {
  const outcome = await clientOf(fetch).itemsAdd({ body: { id: 0, name: "lamp" } })
  if (outcome.ok) return undefined
  const { code, message, requestId }: { code: string; message: string; requestId: string } = outcome.error
  return { status: outcome.status, code, message, hasRequestId: requestId !== "" }
}

export const caller = async (fetch: Fetch, token?: string) => (await clientOf(fetch, token).shopRequired()).status

export const thrown = (fetch: Fetch) =>
  dataOf(clientOf(fetch).shopRequired()).catch((error: unknown) => (error instanceof RequestFailed ? error.code : error))

export const seen = async (fetch: Fetch, rest: string, na_me = "a&b c") => {
  const outcome = await clientOf(fetch).then2({
    params: { na_me, rest },
    query: { tag: ["x", "y&z"] },
    headers: { "if-none-match": '"1"' }
  })
  if (outcome.ok && outcome.status === 304) {
    const nothing: undefined = outcome.data
    return nothing
  }
  return outcome.ok ? outcome.data : outcome.error
}

export const text = (fetch: Fetch): Promise<string> => dataOf(clientOf(fetch).callOptions2({ body: "a: 1" }))
export const echo = (fetch: Fetch): Promise<unknown> => dataOf(clientOf(fetch).shopEcho({ body: [1, "two"] }))
export const brokenJson = (fetch: Fetch) => clientOf(fetch).callOptions()
export const foreign = () => clientOf(async () => new Response("<h1>Bad gateway</h1>", { status: 502 })).gateReadyz()
export const page = (fetch: Fetch) => clientOf(fetch).shopPage()
export const never = (fetch: Fetch, signal: AbortSignal) => clientOf(fetch).never({ signal })

export const ready = async (fetch: Fetch) => {
  const { modules, status } = await dataOf(clientOf(fetch).gateReadyz())
  const isReady: boolean = status === "ready" && modules.every((module) => module.status === "ready")
  return isReady
}

export const refused = (client: Client) => [
  // @ts-expect-error there is no such operation
  client.itemsLose(),
  // @ts-expect-error the path has a parameter
  client.itemsRead({ query: {} }),
  // @ts-expect-error the body has a name
  client.itemsAdd({ body: { id: 1 } }),
  // @ts-expect-error an id is a number
  client.itemsAdd({ body: { id: "1", name: "lamp" } }),
  // @ts-expect-error data is there only once it is known to be a success
  client.itemsMine().then(({ data }) => data),
  // @ts-expect-error readiness has two words, and this is neither
  client.gateReadyz().then((outcome) => outcome.ok && outcome.data.status === "fine")
]
`

/** What the test calls of the program. */
interface Program {
  readonly [name: string]: (fetch: TestFetch, ...rest: ReadonlyArray<unknown>) => Promise<unknown>
}

const nothing = Gateway.make({ identity: { id: "nothing", name: "Nothing" }, modules: [] })

const clientOf = (product: Product): string =>
  generate(Result.getOrThrow(Gateway.plan(product))).find(({ path }) => path === "client.ts")?.text ?? ""

const compile = (folder: string, options: object): Promise<string> =>
  writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(workspace, "tsconfig.base.json"),
      compilerOptions: { rewriteRelativeImportExtensions: false, ...options },
      include: ["*.ts"]
    })
  ).then(
    () =>
      new Promise((resolve) => {
        const tsc = join(workspace, "node_modules/.bin/tsc")
        execFile(tsc, ["--noEmit", "-p", folder], { cwd: folder }, (error, stdout, stderr) =>
          resolve(stdout + stderr + (error !== null && stdout === "" ? String(error) : ""))
        )
      })
  )

describe("the generated client", () => {
  let folder = ""
  let use: Program = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gate-client-"))
    await writeFile(join(folder, "client.ts"), clientOf(oddShop))
    await writeFile(join(folder, "clientOfNothing.ts"), clientOf(nothing))
    await writeFile(join(folder, "clientOfHard.ts"), clientSource(hardDocument, new Set()))
    await writeFile(join(folder, "program.ts"), program)
    await writeFile(join(folder, "package.json"), '{ "type": "module" }')
    use = await import(pathToFileURL(join(folder, "program.ts")).href)
  })

  afterAll(() => rm(folder, { recursive: true }))

  it("and a program that uses it type-check under the strictest flags, in a browser and on Node; so do those of other products", async () => {
    expect(await compile(folder, { types: [] })).toBe("")
    const typeRoots = [join(workspace, "node_modules/@types")]
    expect(await compile(folder, { types: ["node"], typeRoots, lib: ["es2024"] })).toBe("")
  }, 60_000)

  const withShop = <A>(test: (fetch: TestFetch) => Promise<A>): Effect.Effect<A> =>
    Effect.scoped(
      Effect.orDie(Effect.flatMap(GatewayTest.make(oddShop), ({ fetch }) => Effect.promise(() => test(fetch))))
    )

  it.effect("reads, with values in the path and in the query", () =>
    withShop(async (fetch) => {
      expect(await use.read?.(fetch)).toEqual({ id: 7, name: "de" })
      expect(await use.seen?.(fetch, "/deep/er x")).toEqual({
        method: "GET",
        url: "/seen/a%26b%20c/deep/er%20x?tag=x&tag=y%26z",
        tag: '"1"'
      })
      expect(await use.ready?.(fetch)).toBe(true)
    })
  )

  it.effect("refuses values that would lead to another path", () =>
    withShop(async (fetch) => {
      for (const rest of ["..", "a/../b", "./a", "a//b"]) {
        await expect(use.seen?.(fetch, rest)).rejects.toThrow(TypeError)
      }
      await expect(use.seen?.(fetch, "a", "")).rejects.toThrow("is no path segment")
      await expect(use.seen?.(fetch, "a", "..")).rejects.toThrow("is no path segment")
    })
  )

  it.effect("sends text as text and what has no type as JSON", () =>
    withShop(async (fetch) => {
      expect(await use.text?.(fetch)).toBe("a: 1")
      expect(await use.echo?.(fetch)).toEqual([1, "two"])
    })
  )

  it.effect("gives errors as values of the one shape, and throws them where it is asked to", () =>
    withShop(async (fetch) => {
      expect(await use.outOfStock?.(fetch)).toEqual({
        status: 409,
        code: "OutOfStock",
        message: "none left",
        hasRequestId: true
      })
      expect(await use.thrown?.(fetch)).toBe("UNAUTHENTICATED")
    })
  )

  it.effect("shows the token to the instance", () =>
    withShop(async (fetch) => {
      expect(await use.caller?.(fetch)).toBe(401)
      expect(await use.caller?.(fetch, "nobody's")).toBe(401)
      expect(await use.caller?.(fetch, "ada")).toBe(200)
    })
  )

  it.effect("makes one shape also of answers that are not the instance's", () =>
    withShop(async (fetch) => {
      const error = { code: "UNREADABLE_ANSWER" }
      expect(await use.brokenJson?.(fetch)).toMatchObject({ ok: false, status: 200, error })
      expect(await use.foreign?.(fetch)).toMatchObject({ ok: false, status: 502, error })
      expect(await use.page?.(fetch)).toMatchObject({ ok: false, status: 403, error })
    })
  )

  it.effect("passes the signal on, so that a request ends on both sides", () =>
    withShop(async (testFetch) => {
      const stop = new AbortController()
      const asked = use.never?.(testFetch, stop.signal)
      stop.abort()
      expect(await asked).toMatchObject({ ok: false, error: { code: "CANCELLED" } })
      const reason = new Error("enough")
      const platformFetch: TestFetch = (url, init) => fetch(url, init)
      await expect(use.never?.(platformFetch, AbortSignal.abort(reason))).rejects.toBe(reason)
    })
  )
})
