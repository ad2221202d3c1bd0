import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { create, grant, install, onKernel, user } from "../support/kernel.ts"

describe("describe", () => {
  it.effect("tells of a node what it is, what the caller may do, and what can be called on it", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* install(bundle)
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/c", 3)
        const described = yield* kernel.describe(ada.as, "/c")
        if (described.kind !== "node") throw new Error("not a node")
        expect(described.node.path).toBe("/c")
        expect(described.perms).toEqual(["READ", "EDIT"])
        const names = described.callables.map(({ name }) => name)
        expect(names).toEqual(expect.arrayContaining(["assign", "hello", "get", "update"]))
        expect(names).not.toContain("import")
        expect(described.callables.find(({ name }) => name === "assign")).toMatchObject({
          path: "/c::assign",
          node: "/crm.example.dev/class.Contact/assign",
          needs: ["READ"],
          refs: [{ param: "project", types: [D.Project.ref], needs: ["EDIT"] }],
          usable: true,
          example: { path: "/c::assign", params: { project: "…", role: "…" } }
        })
      })
    )
  )

  it.effect("tells of a callable its contract, in every form of its address", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* install(bundle)
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        const forms = {
          "/:crm.example.dev:class.Contact:import": "/:crm.example.dev:class.Contact:import",
          "/crm.example.dev/class.Contact/import": "/:crm.example.dev:class.Contact:import",
          "/c::import": "/:crm.example.dev:class.Contact:import",
          "/c::assign": "/c::assign",
          "/:crm.example.dev:class.Contact:assign": "<path of a crm.example.dev:class.Contact>::assign",
          "/:crm.example.dev:function.seed": "/:crm.example.dev:function.seed"
        }
        for (const [asked, canonical] of Object.entries(forms)) {
          const described = yield* kernel.describe(Authority.system, asked)
          expect(described).toMatchObject({ kind: "callable", callable: { path: canonical } })
        }
      })
    )
  )

  it.effect("shows callers without a credential what everyone may use", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* create("/open")
        yield* grant("/identities/everyone", "/open", 1)
        const described = yield* kernel.describe(Authority.anonymous, "/open")
        if (described.kind !== "node") throw new Error("not a node")
        expect(described.callables.map(({ name }) => name).sort()).toEqual([
          "countChildren",
          "countLinks",
          "get",
          "getLink",
          "getLinks",
          "getTree",
          "listChildren"
        ])
        expect((yield* Effect.flip(kernel.describe(Authority.anonymous, "/"))).code).toBe("NOT_FOUND")
        expect(yield* kernel.describe(Authority.anonymous, K.Node.get.path)).toMatchObject({ kind: "callable" })
      })
    )
  )
})
