import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { validate } from "@readme/openapi-parser"
import { Validator } from "@seriousme/openapi-schema-validator"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { type GeneratedFile, generate, staleFiles, writeFiles } from "../../src/generate.ts"
import { Gateway, type Product, type SettingsSources } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"
import { oddShop, oddShopReversed } from "./product.ts"

const filesOf = (product: Product, settings: SettingsSources = {}): ReadonlyArray<GeneratedFile> =>
  generate(Result.getOrThrow(Gateway.plan(product, { settings })))

const textOf = (path: string): string => filesOf(oddShop).find((file) => file.path === path)?.text ?? ""

describe("generated files", () => {
  it("are the same bytes again, with other settings, and with modules listed in another order", () => {
    const files = filesOf(oddShop)
    expect(files.map(({ path }) => path)).toEqual(["client.ts", "openapi.internal.json", "openapi.json", "sdk.json"])
    expect(filesOf(oddShop)).toEqual(files)
    const env = { PORTICO_PORT: "4010", PORTICO_PUBLIC_URL: "https://shop.example.dev" }
    expect(filesOf(oddShop, { env })).toEqual(files)
    expect(filesOf(oddShopReversed)).toEqual(files)
  })

  it("say nothing of the machine or the day", () => {
    const text = filesOf(oddShop)
      .map((file) => file.text)
      .join("")
    expect(text).not.toContain(process.cwd())
    expect(text).not.toContain("file:")
    expect(text).not.toContain(String(new Date().getUTCFullYear()))
  })

  it.each(["openapi.json", "openapi.internal.json"])("%s passes two validators", async (path) => {
    expect(await new Validator().validate(JSON.parse(textOf(path)))).toMatchObject({ valid: true })
    expect(await validate(JSON.parse(textOf(path)))).toMatchObject({ valid: true, warnings: [] })
  })

  it.effect("openapi.json is what the instance serves, but for the order and the server", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(oddShop)
      const { json } = yield* gateway.request("/openapi.json")
      const { tags, ...document } = JSON.parse(textOf("openapi.json"))
      expect(json).toMatchObject(document)
      expect(json).toMatchObject({ tags: expect.arrayContaining(tags) })
    })
  )

  it("sdk.json has modules, routes with their auth, features and contributed facts", () => {
    const sdk = JSON.parse(textOf("sdk.json"))
    expect(sdk).toMatchObject({
      format: 1,
      product: { id: "shop", name: "Shop", version: "1.2.3", description: "A shop." },
      services: [{ key: "@portico/gate/contracts/Authenticator", provider: "auth" }],
      features: ["odd-things"],
      metadata: { odd: { channels: ["a", "b"], "max-batch": 1000 } }
    })
    expect(sdk.modules.map(({ id }: { readonly id: string }) => id)).toEqual(["auth", "odd", "shop"])
    const route = (path: string) => sdk.routes.find((each: { readonly path: string }) => each.path === path)
    expect(route("/shop/items/:id")).toMatchObject({ auth: "public", operationIds: ["items.read"] })
    expect(route("/required")).toMatchObject({ auth: "required", scope: "public", module: "shop" })
    expect(route("/gateway/v1/internal/shop")).toMatchObject({ scope: "internal", operationIds: ["shop.admin"] })
    expect(route("/readyz")).toMatchObject({ module: "gate", auth: "public" })
  })

  it.effect("are written where they differ, and found stale where they were changed", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = `${yield* fs.makeTempDirectoryScoped()}/new/folder`
      const files = filesOf(oddShop)
      const all = files.map(({ path }) => path)
      expect(yield* staleFiles(folder, files)).toEqual(all.map((path) => ({ path, problem: "missing" })))
      expect(yield* writeFiles(folder, files)).toEqual(all)
      expect(yield* staleFiles(folder, files)).toEqual([])
      expect(yield* writeFiles(folder, files)).toEqual([])
      yield* fs.writeFileString(`${folder}/client.ts`, "// changed\n")
      yield* fs.remove(`${folder}/sdk.json`)
      expect(yield* staleFiles(folder, files)).toEqual([
        { path: "client.ts", problem: "different" },
        { path: "sdk.json", problem: "missing" }
      ])
      expect(yield* writeFiles(folder, files)).toEqual(["client.ts", "sdk.json"])
      expect(yield* fs.readFileString(`${folder}/client.ts`)).toBe(textOf("client.ts"))
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
