import { describe, expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, grant, install, onKernel, refused, user } from "../support/kernel.ts"

/** Everything that a caller is told by an error, with the name it asked for taken out. */
const told = (error: PorticoError, name: string) => JSON.stringify(error).replaceAll(name, "NAME")

const secret = "11111111-1111-7111-8111-111111111111"

describe("abuse 22: what a caller may not see", () => {
  it.effect("is refused by every method just as what is not there", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/vault")
        yield* create("/vault/real", { class: D.Contact.ref, props: { email: "a" } })
        yield* create("/mine")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/mine", 15)
        yield* grant(ada.path, ada.path, 15)
        const asks: ReadonlyArray<(path: string) => readonly [string, unknown]> = [
          (path) => [`${path}::get`, undefined],
          (path) => [`${path}::update`, { props: {} }],
          (path) => [`${path}::delete`, {}],
          (path) => [`${path}::move`, { to: "/mine" }],
          (path) => [`${path}::link`, { edgeClass: D.works_on.ref, target: "/mine" }],
          (path) => [`${path}::getLinks`, {}],
          (path) => [`${path}::listChildren`, {}],
          (path) => [`${path}::getTree`, {}],
          (path) => [`${path}::assign`, {}],
          (path) => [`${path}::import`, {}],
          (path) => [`${path}::noSuchMethod`, {}],
          (path) => [`${path}::crm.example.dev:interface.Greets:hello`, {}],
          (path) => [`${path}::grantPerm`, { node: "/mine", perms: 1 }],
          (path) => [path, {}],
          (path) => [K.Node.createNode.path, { class: K.Folder.ref, path: `${path}/x` }],
          (path) => [K.Node.createNode.path, { class: K.Folder.ref, parent: path, slug: "x" }],
          (path) => ["/mine::move", { to: path }],
          (path) => [`${ada.path}::grantPerm`, { node: path, perms: 1 }],
          (path) => [K.Identity.checkPerm.path, { node: path, perms: 1 }],
          (path) => [K.Identity.checkPerm.path, { identity: path, node: "/mine", perms: 1 }],
          (path) => ["/mine::getLink", { edgeClass: K.has_parent.ref, target: path }]
        ]
        for (const ask of asks) {
          const [hidden, missing] = [
            yield* refused(...ask("/vault/real"), ada.as),
            yield* refused(...ask("/vault/none"), ada.as)
          ]
          expect(told(hidden, "real")).toBe(told(missing, "none"))
          expect(hidden.code).toBe("NOT_FOUND")
        }
        const realId = (yield* call("/vault/real::get")).id
        for (const ask of asks.slice(0, 14)) {
          const [hidden, missing] = [
            yield* refused(...ask(`@${realId}`), ada.as),
            yield* refused(...ask(`@${secret}`), ada.as)
          ]
          expect(told(hidden, realId)).toBe(told(missing, secret))
        }
      })
    )
  )

  it.effect("is refused exactly to one who may READ the nearest ancestor", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ"])
        expect(yield* refused("/a/x/y::get", undefined, ada.as)).toMatchObject({
          code: "NOT_FOUND",
          message: "/a/x/y does not exist"
        })
        expect((yield* refused("/b::get", undefined, ada.as)).message).toBe("/b does not exist, or you may not see it")
        expect(yield* refused("/a::update", { props: {} }, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          message: "needs EDIT on /a"
        })
      })
    )
  )

  it.effect("is not described, not resolved, and its schema is not told", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install({ ...bundle, grants: { authenticated: 0 } })
        const kernel = yield* Kernel
        const ada = yield* user("ada")
        const told2 = (path: string, name: string) =>
          Effect.map(Effect.flip(kernel.describe(ada.as, path)), (error) => told(error, name))
        expect(yield* told2("/:crm.example.dev:class.Contact", "Contact")).toBe(
          yield* told2("/:crm.example.dev:class.Nothing", "Nothing")
        )
        expect(yield* told2("/:crm.example.dev:class.Contact:import", "Contact")).toBe(
          yield* told2("/:crm.example.dev:class.Nothing:import", "Nothing")
        )
        expect(yield* told2("/:crm.example.dev:class.Contact:import", "import")).toBe(
          yield* told2("/:crm.example.dev:class.Contact:nothing", "nothing")
        )
        expect(yield* told2("/:crm.example.dev", "crm")).toBe(yield* told2("/:xyz.example.dev", "xyz"))
        const calls = ["/:crm.example.dev:class.Contact:import", "/:crm.example.dev:class.Contact:nothing"] as const
        expect(told(yield* refused(calls[0], { count: 1 }, ada.as), "import")).toBe(
          told(yield* refused(calls[1], { count: 1 }, ada.as), "nothing")
        )
        expect((yield* Effect.flip(kernel.resolve(ada.as, "/:crm.example.dev"))).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("does not show in links, in members, in trees or in pages", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        yield* create("/seen", { class: D.Project.ref, props: { title: "S" } })
        yield* create("/vault", { class: D.Project.ref, props: { title: "V" } })
        for (const target of ["/seen", "/vault"]) {
          yield* call("/c::link", { edgeClass: D.works_on.ref, target, props: { role: "r" } })
        }
        const ada = yield* user("ada")
        yield* grant(ada.path, "/c", 1)
        yield* grant(ada.path, "/seen", 1)
        const links = yield* call("/c::getLinks", { with: "nodes", limit: 1 }, ada.as)
        expect(links.edges).toHaveLength(1)
        expect(links.nodes).toMatchObject([{ path: "/seen" }])
        expect(links.next).toBeUndefined()
        expect((yield* call("/seen::getLinks", { direction: "in" }, ada.as)).edges).toHaveLength(1)
        const target = { edgeClass: D.works_on.ref, target: "/vault" }
        const none = { edgeClass: D.works_on.ref, target: "/none" }
        expect(told(yield* refused("/c::getLink", target, ada.as), "vault")).toBe(
          told(yield* refused("/c::getLink", none, ada.as), "none")
        )
        const parent = yield* call("/c::getLinks", { edgeClass: K.has_parent.ref }, ada.as)
        expect(parent.edges).toEqual([])
      })
    )
  )

  it.effect("asks callers without a credential for one only where they may know of the node", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/open")
        yield* grant("/identities/everyone", "/open", 1)
        yield* call("/open::get", undefined, Authority.anonymous)
        expect((yield* refused("/open::update", { props: {} }, Authority.anonymous)).code).toBe("UNAUTHENTICATED")
        expect((yield* refused("/shut::update", { props: {} }, Authority.anonymous)).code).toBe("NOT_FOUND")
        expect((yield* refused(K.Node.createNode.path, {}, Authority.anonymous)).code).toBe("UNAUTHENTICATED")
      })
    )
  )
})
