import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Gateway, type MountPath } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"

const answering = (id: string, mountPath: MountPath, method: "GET" | "*") =>
  Gateway.module.define({
    id,
    displayName: id,
    routes: [
      {
        id: "r",
        scope: "public",
        auth: "public",
        mountPath,
        method,
        handle: Effect.succeed(HttpServerResponse.text(id, { headers: { "x-served-by": id } }))
      }
    ]
  })

const identity = { id: "example", name: "Example" }
const below = answering("below", "/x/*", "*")
const exact = answering("exact", "/x", "GET")

describe("a route of everything below a path", () => {
  it.effect("takes the path as well", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(Gateway.make({ identity, modules: [below] }))
      expect((yield* gateway.request("/x")).text).toBe("below")
      expect((yield* gateway.request("/x/y/z")).text).toBe("below")
    })
  )

  it.effect("leaves the path to another route that has it, for that route's methods and HEAD", () =>
    Effect.gen(function* () {
      for (const modules of [
        [below, exact],
        [exact, below]
      ]) {
        const gateway = yield* GatewayTest.make(Gateway.make({ identity, modules }))
        expect((yield* gateway.request("/x")).text).toBe("exact")
        expect((yield* gateway.request("/x", { method: "HEAD" })).headers["x-served-by"]).toBe("exact")
        expect((yield* gateway.request("/x", { method: "POST" })).text).toBe("below")
        expect((yield* gateway.request("/x/y")).text).toBe("below")
        expect((yield* gateway.request("/x/y", { method: "HEAD" })).headers["x-served-by"]).toBe("below")
      }
    })
  )
})
