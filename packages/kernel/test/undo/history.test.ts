import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, user } from "../support/kernel.ts"

const name = K.Named.name.key

describe("history", () => {
  it.effect("says who changed what, when, through which function, and which half allowed it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const ada = yield* user("ada")
        yield* create("/a")
        yield* grant(ada.path, "/a", 15)
        const { id } = yield* create("/a/n", { props: { name: "one" }, as: ada.as })
        yield* call("/a/n::update", { props: { name: "two", description: "d" } }, ada.as)
        const seed = yield* get(`/${"crm.example.dev"}/core/functions/seed`)
        yield* grant(seed.path, "/a", 15)
        yield* call("/a/n::update", { props: {}, unset: ["name"] }, Authority.withFunction(Authority.anonymous, seed))
        yield* call("/a/n::move", { to: "/a", slug: "m" }, ada.as)
        const { changes } = yield* call("/a/m::history")
        expect(changes.map((each: { op: string }) => each.op)).toEqual(["move", "update", "update", "create"])
        const description = K.Descriptable.description.key
        expect(changes).toMatchObject([
          { actor: ada.id, actorPath: ada.path, allowedBy: "caller", path: "/a/m", from: "/a/n" },
          {
            actor: null,
            via: seed.id,
            viaPath: seed.path,
            allowedBy: "function",
            changed: { [name]: { before: "two" } }
          },
          {
            actor: ada.id,
            changed: { [name]: { before: "one", after: "two" }, [description]: { after: "d" } }
          },
          { changed: { [name]: { after: "one" } }, path: "/a/n", at: 0, seq: expect.any(Number) }
        ])
        expect(changes[0].changed).toBeUndefined()
        expect((yield* get(`@${id}`)).rev).toBe(changes[0].seq)
      })
    )
  )

  it.effect("has the edges at both of their nodes, and grants with the masks before and after", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c", { class: D.Contact.ref, props: { email: "c@x.example" } })
        const p = yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        const link = { edgeClass: D.works_on.ref, target: "/p" }
        yield* call("/c::link", { ...link, props: { role: "a" } })
        yield* call("/c::link", { ...link, props: { role: "b" }, onConflict: "merge" })
        yield* call("/c::unlink", link)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/p", ["READ"])
        yield* grant(ada.path, "/p", ["EDIT"])
        const role = D.works_on.role.key
        const mask = K.has_perm.mask.key
        const { changes } = yield* call("/p::history")
        expect(changes).toMatchObject([
          { op: "grant", edge: { source: ada.id, target: p.id }, changed: { [mask]: { before: 1, after: 3 } } },
          { op: "grant", changed: { [mask]: { before: 0, after: 1 } } },
          { op: "unlink", changed: { [role]: { before: "b" } } },
          { op: "updateLink", changed: { [role]: { before: "a", after: "b" } } },
          { op: "link", edge: { class: D.works_on.ref }, changed: { [role]: { after: "a" } } },
          { op: "create" }
        ])
        // Whoever may not READ the identity is not told that it was granted anything.
        const seen = yield* call("/p::history", {}, ada.as)
        expect(seen.changes.map((each: { op: string }) => each.op)).toEqual(["create"])
      })
    )
  )

  it.effect("leaves out what happened where the caller may not READ", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/secret")
        yield* create("/open")
        const { id } = yield* create("/secret/n", { props: { name: "hush" } })
        yield* call(`@${id}::update`, { props: { name: "fine" } })
        yield* call(`@${id}::move`, { to: "/open" })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/open", ["READ"])
        const { changes } = yield* call(`@${id}::history`, {}, ada.as)
        expect(JSON.stringify(changes)).not.toMatch(/hush|secret/)
        expect(changes).toMatchObject([{ op: "move", path: "/open/n" }])
        expect((yield* call(`@${id}::history`)).changes).toHaveLength(3)
      })
    )
  )

  it.effect("tells of no edge to what the caller may not READ, and not where such an identity is", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/open")
        const [ada, ben] = [yield* user("ada"), yield* user("ben")]
        yield* create("/secret-team", { class: K.Group.ref })
        yield* grant(ada.path, "/open", ["READ"])
        yield* grant(ada.path, ben.path, ["READ"])
        yield* grant(ben.path, "/open", ["READ", "EDIT"])
        yield* call("/open::update", { props: { name: "by ben" } }, ben.as)
        yield* grant("/secret-team", "/open", ["READ"])
        const seen = (as?: Authority) =>
          Effect.map(call("/open::history", {}, as), ({ changes }) =>
            changes.map((each: { op: string; actorPath?: string }) => [each.op, each.actorPath])
          )
        expect((yield* seen())[0]).toEqual(["grant", undefined])
        // A grant is an edge from whoever holds it.
        expect((yield* seen(ada.as))[0]).toEqual(["update", ben.path])
        yield* create("/hidden")
        yield* grant(ben.path, "/hidden", ["READ"])
        const { changes } = yield* call(`${ben.path}::history`, {}, ada.as)
        expect(changes.map(({ op }: { op: string }) => op)).toEqual(["grant", "create"])
        yield* call(`${ada.path}::revokePerm`, { node: ben.path, perms: ["READ"] })
        expect(yield* seen(ada.as)).toEqual([
          ["update", undefined],
          ["create", undefined]
        ])
      })
    )
  )

  it.effect("comes in pages, each change once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        for (let i = 0; i < 9; i++) yield* call("/a::update", { props: { name: `${i}` } })
        const seen: Array<unknown> = []
        for (let cursor: string | undefined, more = true; more; ) {
          const page = yield* call("/a::history", { limit: 4, ...(cursor === undefined ? {} : { cursor }) })
          expect(page.changes.length).toBeLessThanOrEqual(4)
          seen.push(
            ...page.changes.map((each: { changed?: Record<string, { after: unknown }> }) => each.changed?.[name]?.after)
          )
          cursor = page.next
          more = cursor !== undefined
        }
        expect(seen).toEqual(["8", "7", "6", "5", "4", "3", "2", "1", "0", undefined])
      })
    )
  )
})
