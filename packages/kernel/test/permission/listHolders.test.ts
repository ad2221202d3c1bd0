import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { call, create, grant, onKernel, refused, user } from "../support/kernel.ts"

const paths = (node: string, perms: unknown, as?: Authority): Effect.Effect<ReadonlyArray<string>, unknown, Kernel> =>
  Effect.map(call(`${node}::listHolders`, { perms, limit: 1000 }, as), (page) =>
    page.identities.map(({ path }: { readonly path: string }) => path).sort()
  )

it.effect("lists those who were granted, and the members of groups that were, down from every ancestor", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      yield* create("/a/b")
      const [ada, bob] = [yield* user("ada"), yield* user("bob")]
      yield* user("eve")
      yield* create("/identities/team", { class: K.Group.ref })
      yield* call("/identities/team::addMember", { member: bob.path })
      yield* grant(ada.path, "/a/b", ["EDIT"])
      yield* grant("/identities/team", "/a", ["READ", "EDIT"])
      expect(yield* paths("/a/b", ["EDIT"])).toEqual([ada.path, bob.path, "/identities/team"])
      expect(yield* paths("/a", ["EDIT"])).toEqual([bob.path, "/identities/team"])
      expect(yield* paths("/a/b", ["READ", "EDIT"])).toEqual([bob.path, "/identities/team"])
      expect(yield* paths("/a/b", ["SHARE"])).toEqual([])
    })
  )
)

it.effect(
  "is every identity where the groups that everybody is in hold enough, but not everyone for authenticated",
  () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant("/identities/authenticated", "/a", ["READ"])
        const all = yield* paths("/a", ["READ"])
        expect(all).toContain(ada.path)
        expect(all).toContain("/identities/authenticated")
        expect(all).not.toContain("/identities/everyone")
        yield* grant("/identities/everyone", "/a", ["READ"])
        expect(yield* paths("/a", ["READ"])).toContain("/identities/everyone")
        // What they hold together with a grant of their own counts, too.
        yield* grant(ada.path, "/a", ["EDIT"])
        expect(yield* paths("/a", ["READ", "EDIT"])).toEqual([ada.path])
      })
    )
)

it.effect("shows those that the asker may READ, and is for those who may manage grants on the node", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const [ada, bob, eve] = [yield* user("ada"), yield* user("bob"), yield* user("eve")]
      for (const { path } of [bob, eve]) yield* grant(path, "/a", ["READ"])
      yield* grant(ada.path, "/a", ["READ"])
      expect((yield* refused("/a::listHolders", { perms: 1 }, ada.as)).code).toBe("PERMISSION_DENIED")
      yield* grant(ada.path, "/a", ["SHARE"])
      yield* grant(ada.path, bob.path, ["READ"])
      expect(yield* paths("/a", ["READ"], ada.as)).toEqual([bob.path])
    })
  )
)

it.effect("ends at once, with groups around one another", () =>
  onKernel(
    Effect.gen(function* () {
      const kernel = yield* Kernel
      yield* create("/a")
      for (const name of ["g", "h"]) yield* create(`/identities/${name}`, { class: K.Group.ref })
      yield* call("/identities/g::addMember", { member: "/identities/h" })
      yield* call("/identities/h::addMember", { member: "/identities/g" })
      yield* grant("/identities/g", "/a", ["READ"])
      expect(yield* paths("/a", ["READ"])).toEqual(["/identities/g", "/identities/h"])
      expect(yield* kernel.mask(Authority.anonymous, "/a")).toBe(0)
    })
  )
)

it.effect("leaves out what was deleted, and who held something only through it, until it is restored", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const ada = yield* user("ada")
      yield* create("/identities/team", { class: K.Group.ref })
      yield* call("/identities/team::addMember", { member: ada.path })
      yield* grant("/identities/team", "/a", ["READ"])
      yield* call("/identities/team::delete")
      expect(yield* paths("/a", ["READ"])).toEqual([])
      expect(yield* call(K.Identity.listAccessible.path, { perms: 1, class: K.Folder.ref }, ada.as)).toMatchObject({
        nodes: []
      })
      const [deleted] = (yield* call(K.Node.listTrash.path)).deleted
      yield* call(`@${deleted.id}::restore`)
      expect(yield* paths("/a", ["READ"])).toEqual([ada.path, "/identities/team"])
    })
  )
)
