import { execFile } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { porticoGateway } from "@portico/distro"
import { Gateway as Framework } from "@portico/gate"
import { generate } from "@portico/gate/generate"
import { validate } from "@readme/openapi-parser"
import { Validator } from "@seriousme/openapi-schema-validator"
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

const workspace = fileURLToPath(new URL("../../..", import.meta.url))

/** What a user of the client would write. */
const program = `
import { type ApiError, createClient, dataOf, type GetNodeOutcome, RequestFailed } from "./client.ts"

const clientOf = (baseUrl: string, token?: string) => createClient({ baseUrl, token: () => token })

export const whoami = async (url: string, token?: string) => {
  const path = "/:kernel.portico.dev:interface.Identity:whoami"
  const data = await dataOf(clientOf(url, token).call({ body: { path } }))
  // Other callables answer with streams and bytes.
  if (data === null || !("result" in data)) throw new Error("it did not answer with one result")
  const { result, seq } = data
  const commit: number = seq
  return { result, isCommit: Number.isInteger(commit) }
}

const tagOf = (outcome: GetNodeOutcome): string => outcome.headers.get("etag") ?? ""

export const node = async (url: string, token: string, rest: string) => {
  const client = clientOf(url, token)
  const outcome = await client.getNode({ params: { rest } })
  if (!outcome.ok) throw new RequestFailed(outcome)
  const again = await client.getNode({ params: { rest }, headers: { "if-none-match": tagOf(outcome) } })
  if (outcome.status === 304) return undefined
  const { class: classRef, path, rev }: { class: string; path: string; rev: number } = outcome.data
  return { classRef, path, isRevised: rev > 0, again: again.status }
}

export const describe = async (url: string, token: string, path: string) => {
  const { kind, perms = [] } = await dataOf(clientOf(url, token).describe({ query: { path } }))
  const word: "node" | "callable" = kind
  return { word, perms }
}

export const ready = async (url: string) => {
  const { modules, status } = await dataOf(clientOf(url).gateReadyz())
  return { status, ids: modules.map((module) => module.id) }
}

export const keys = async (url: string, token: string) => {
  const client = clientOf(url, token)
  const { id, key } = await dataOf(client.authKeysCreate({ body: { name: "test" } }))
  const listed = await dataOf(client.authKeys())
  const before = listed.keys.map((each) => each.id).includes(id)
  const revoked = await client.authKeysRevoke({ params: { id } })
  return { isKey: key.length > 20, before, revoked: revoked.status }
}

export const batch = async (url: string, token: string, paths: ReadonlyArray<string>) => {
  const { results } = await dataOf(clientOf(url, token).batch({ body: { calls: paths.map((path) => ({ path })) } }))
  return results.map((each) => ("error" in each ? each.error.code : "done"))
}

export const missing = async (url: string, token: string): Promise<ApiError | undefined> => {
  const outcome = await clientOf(url, token).getNode({ params: { rest: "/no/such/node" } })
  return !outcome.ok && outcome.status === 404 ? outcome.error : undefined
}

export const thrown = (url: string): Promise<unknown> =>
  dataOf(clientOf(url).authKeys()).catch((error: unknown) => (error instanceof RequestFailed ? error.status : error))

export const aborted = (url: string, signal: AbortSignal) => clientOf(url).gateHealthz({ signal })

export const refused = async (url: string) => {
  const client = clientOf(url)
  // @ts-expect-error a call names its path
  await client.call({ body: { params: {} } })
  // @ts-expect-error a node has no such member
  return dataOf(client.getNode({ params: { rest: "/" } })).then((data) => data?.colour)
}
`

interface SdkRoute {
  readonly scope: string
  readonly method: string
  readonly path: string
  readonly operationIds: ReadonlyArray<string>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}

interface Program {
  readonly [name: string]: (...args: ReadonlyArray<unknown>) => Promise<unknown>
}

const generated = (path: string): string =>
  generate(Result.getOrThrow(Framework.plan(porticoGateway()))).find((file) => file.path === path)?.text ?? ""

const compiled = (folder: string): Promise<string> =>
  new Promise((resolve) => {
    const tsc = join(workspace, "node_modules/.bin/tsc")
    execFile(tsc, ["--noEmit", "-p", folder], { cwd: folder }, (error, stdout, stderr) =>
      resolve(stdout + stderr + (error !== null && stdout === "" ? String(error) : ""))
    )
  })

describe("the distro's generated files", () => {
  let gateway: Gateway
  let folder = ""
  let use: Program = {}

  beforeAll(async () => {
    folder = temporaryFolder()
    const settings = { extends: join(workspace, "tsconfig.base.json"), include: ["*.ts"] }
    const compilerOptions = { types: [], rewriteRelativeImportExtensions: false }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...settings, compilerOptions }))
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
    writeFileSync(join(folder, "client.ts"), generated("client.ts"))
    writeFileSync(join(folder, "program.ts"), program)
    use = await import(pathToFileURL(join(folder, "program.ts")).href)
    gateway = await spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" }).ready
  })

  afterAll(async () => {
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(["openapi.json", "openapi.internal.json"])("%s passes two validators", async (path) => {
    expect(await new Validator().validate(JSON.parse(generated(path)))).toMatchObject({ valid: true })
    expect(await validate(JSON.parse(generated(path)))).toMatchObject({ valid: true, warnings: [] })
  })

  it("openapi.json is what the running instance serves", async () => {
    const { tags, ...document } = JSON.parse(generated("openapi.json"))
    const served = await (await fetch(`${gateway.url}/openapi.json`)).json()
    expect(served).toMatchObject(document)
    expect(Object.keys(served.paths).sort()).toEqual(Object.keys(document.paths))
  })

  it.each([
    ["public", "openapi.json"],
    ["internal", "openapi.internal.json"]
  ])("leaves no %s route out, and describes none that is not served", async (scope, path) => {
    const sdk: { readonly routes: ReadonlyArray<SdkRoute> } = JSON.parse(generated("sdk.json"))
    const routes = sdk.routes.filter((route) => route.scope === scope)
    const document: OpenApi = JSON.parse(generated(path))
    const described = Object.values(document.paths)
      .flatMap(Object.values)
      .map(({ operationId }) => operationId)
    expect(described.sort()).toEqual(routes.flatMap(({ operationIds }) => operationIds).sort())
    expect(routes.filter(({ operationIds }) => operationIds.length === 0)).toEqual([])
    const planned = Result.getOrThrow(Framework.plan(porticoGateway())).routes.filter((route) => route.scope === scope)
    const placeOf = (route: Pick<SdkRoute, "method" | "path">) => `${route.method} ${route.path}`
    expect(routes.map(placeOf)).toEqual(expect.arrayContaining(planned.map(placeOf)))

    const token = gateway.operatorToken
    // A route of every method answers OPTIONS itself.
    const open = routes.filter(({ method }) => method === "*").flatMap(({ operationIds }) => operationIds)
    for (const [template, item] of Object.entries(document.paths)) {
      if (Object.values(item).some(({ operationId }) => open.includes(operationId))) continue
      const url = `${gateway.url}${template.replaceAll(/\{\w+\}/g, "some")}`
      const answer = await fetch(url, { method: "OPTIONS", headers: { authorization: `Bearer ${token}` } })
      const allowed = (answer.headers.get("allow") ?? "").split(", ").map((method) => method.toLowerCase())
      expect(allowed, template).toEqual(expect.arrayContaining(Object.keys(item)))
    }
  })

  it("the client, and a program that uses it, type-check under the strictest flags", async () => {
    expect(await compiled(folder)).toBe("")
  }, 60_000)

  it("the client calls: as the operator, and as nobody", async () => {
    const me = await use.whoami?.(gateway.url, gateway.operatorToken)
    expect(me).toMatchObject({ isCommit: true })
    expect(JSON.stringify(me)).toContain("/identities/operator")
    expect(JSON.stringify(await use.whoami?.(gateway.url))).not.toContain("/identities/operator")
  })

  it("the client reads a node, once, and describes it", async () => {
    const token = gateway.operatorToken
    expect(await use.node?.(gateway.url, token, "/identities")).toEqual({
      classRef: "kernel.portico.dev:class.Folder",
      path: "/identities",
      isRevised: true,
      again: 304
    })
    expect(await use.node?.(gateway.url, token, "/")).toMatchObject({ path: "/" })
    expect(await use.describe?.(gateway.url, token, "/identities")).toMatchObject({
      word: "node",
      perms: expect.arrayContaining(["READ"])
    })
  })

  it("the client knows what readiness looks like, and makes, lists and revokes keys", async () => {
    expect(await use.ready?.(gateway.url)).toMatchObject({
      status: "ready",
      ids: expect.arrayContaining(["kernel", "auth"])
    })
    const keys = await use.keys?.(gateway.url, gateway.operatorToken)
    expect(keys).toEqual({ isKey: true, before: true, revoked: 204 })
  })

  it("the client gives errors in the one shape, and in a batch each its own", async () => {
    const error = await use.missing?.(gateway.url, gateway.operatorToken)
    expect(error).toMatchObject({ code: "NOT_FOUND", message: expect.any(String), requestId: expect.any(String) })
    expect(await use.thrown?.(gateway.url)).toBe(401)
    const outcomes = await use.batch?.(gateway.url, gateway.operatorToken, ["/identities::get", "/no/such::get"])
    expect(outcomes).toEqual(["done", "NOT_FOUND"])
  })

  it("the client stops when its signal says so", async () => {
    const reason = new Error("enough")
    await expect(use.aborted?.(gateway.url, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
