import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { GatewayTest } from "@portico/gate/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { product } from "../src/product.ts"
import { Titles, TitleUnavailable } from "../src/Titles.ts"

const token = "a-token-for-tests-only"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "custom-product-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The product in memory, with a fake in place of the one service that reaches out. */
const start = (titleOf: Titles["Service"]["titleOf"]) =>
  Effect.flatMap(temporaryFolder, (folder) =>
    GatewayTest.make(product, {
      fakes: [Layer.succeed(Titles, { titleOf })],
      config: { "gate.dataDir": folder, "editors.token": token }
    })
  )

const docs = { slug: "docs", target: "https://example.dev/docs" }

describe("short links", () => {
  it.effect("adds a link with the title of its page, lists it and leads there", () =>
    Effect.gen(function* () {
      const { request } = yield* start(() => Effect.succeed("A page"))
      const added = yield* request("/links", { json: docs, token })
      expect(added.json).toEqual({ ...docs, title: "A page" })
      expect((yield* request("/links")).json).toEqual([{ ...docs, title: "A page" }])
      const go = yield* request("/go/docs")
      expect(go.status).toBe(302)
      expect(go.headers.location).toBe(docs.target)
    })
  )

  it.effect("lets editors write below /links and nowhere else", () =>
    Effect.gen(function* () {
      const { request } = yield* start(() => Effect.succeed("A page"))
      const create = (path: string) =>
        request("/api/call", {
          token,
          json: {
            path: "/:kernel.portico.dev:interface.Node:createNode",
            params: { class: "/:kernel.portico.dev:class.Folder", path }
          }
        })
      expect((yield* create("/links/more")).status).toBe(200)
      expect((yield* request("/links")).json).toEqual([])
      expect((yield* request("/go/more")).status).toBe(404)
      expect((yield* create("/elsewhere")).status).toBe(404)
    })
  )

  it.effect("adds nothing for somebody without the token", () =>
    Effect.gen(function* () {
      const { request } = yield* start(() => Effect.succeed("A page"))
      expect((yield* request("/links", { json: docs })).status).toBe(401)
      expect((yield* request("/links", { json: docs, token: "some-other-token" })).status).toBe(401)
      expect((yield* request("/links")).json).toEqual([])
    })
  )

  it.effect("says in the one error shape that a slug is taken, a page silent, a link unknown", () =>
    Effect.gen(function* () {
      const silent = new TitleUnavailable({ code: "DISPATCH_FAILED", message: "No answer." })
      const { request } = yield* start((target) =>
        target.includes("silent") ? Effect.fail(silent) : Effect.succeed("A page")
      )
      yield* request("/links", { json: docs, token })
      const taken = yield* request("/links", { json: docs, token })
      expect(taken).toMatchObject({ status: 409, json: { error: { code: "PATH_CONFLICT" } } })
      const unread = yield* request("/links", { json: { slug: "s", target: "https://silent.example.dev" }, token })
      expect(unread).toMatchObject({ status: 502, json: { error: { code: "DISPATCH_FAILED", message: "No answer." } } })
      expect(yield* request("/go/nowhere")).toMatchObject({ status: 404, json: { error: { code: "NOT_FOUND" } } })
    })
  )
})
