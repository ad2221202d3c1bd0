import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, type Kernel } from "../../src/index.ts"
import { call, create, grant, onKernel, refused, user } from "../support/kernel.ts"

const list = K.Identity.listAccessible.path
const paths = (params: object, as?: Authority): Effect.Effect<ReadonlyArray<string>, unknown, Kernel> =>
  Effect.map(call(list, params, as), (page) => page.nodes.map(({ path }: { readonly path: string }) => path))

it.effect("walks from the highest nodes that qualify, in the order of paths, and meets nothing else", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      for (const path of ["/b", "/b/x", "/b/x/y", "/a", "/a/one", "/a/two", "/c"]) yield* create(path)
      yield* grant(ada.path, "/b/x", ["READ"])
      yield* grant(ada.path, "/b/x/y", ["READ", "EDIT"])
      yield* grant(ada.path, "/a", ["EDIT"])
      yield* grant(ada.path, "/a/two", ["READ"])
      const under = (path: string, perms: unknown) => paths({ under: path, perms }, ada.as)
      expect(yield* paths({ perms: ["READ"], class: K.Folder.ref }, ada.as)).toEqual(["/a/two", "/b/x", "/b/x/y"])
      expect(yield* paths({ perms: ["READ", "EDIT"], class: K.Folder.ref }, ada.as)).toEqual(["/a/two", "/b/x/y"])
      expect(yield* under("/b/x/y", ["READ"])).toEqual(["/b/x/y"])
      expect(yield* under("/b/x", ["EDIT"])).toEqual(["/b/x/y"])
    })
  )
)

it.effect("with no bits asked for lists where there are any at all, and never everything", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      yield* create("/hidden")
      yield* create("/mine")
      yield* grant(ada.path, "/mine", ["USE"])
      expect(yield* paths({ perms: 0, class: K.Folder.ref }, ada.as)).toEqual(["/mine"])
    })
  )
)

it.effect("about another identity tells only of nodes on which the asker may manage grants", () =>
  onKernel(
    Effect.gen(function* () {
      const [ada, bob] = [yield* user("ada"), yield* user("bob")]
      for (const path of ["/a", "/a/in", "/b"]) yield* create(path)
      yield* grant(bob.path, "/a", ["READ"])
      yield* grant(bob.path, "/b", ["READ"])
      const about = { identity: bob.path, perms: ["READ"], class: K.Folder.ref }
      expect((yield* refused(list, about, ada.as)).code).toBe("NOT_FOUND")
      yield* grant(ada.path, bob.path, ["READ"])
      expect(yield* paths(about, ada.as)).toEqual([])
      yield* grant(ada.path, "/a/in", ["READ", "SHARE"])
      yield* grant(ada.path, "/b", ["SHARE"])
      expect(yield* paths(about, ada.as)).toEqual(["/a/in"])
    })
  )
)

it.effect("shows what did not change while paging exactly once, whatever happens beside it", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      yield* create("/box")
      for (let each = 10; each < 40; each++) yield* create(`/box/n${each}`)
      yield* grant(ada.path, "/box", ["READ"])
      const seen: Array<string> = []
      let cursor: string | undefined
      for (let round = 0; round === 0 || cursor !== undefined; round++) {
        const given = cursor === undefined ? {} : { cursor }
        const page = yield* call(list, { perms: ["READ"], class: K.Folder.ref, limit: 7, ...given }, ada.as)
        seen.push(...page.nodes.map(({ path }: { readonly path: string }) => path))
        cursor = page.next
        if (round === 0) {
          // The last one that was shown goes, others come before and behind, and a second grant covers the same nodes.
          yield* call(`${seen[seen.length - 1]}::delete`)
          yield* create("/box/n09")
          yield* create("/box/n155")
          yield* grant(ada.path, "/box/n20", ["READ"])
        }
      }
      const stayed = Array.from({ length: 30 }, (_, i) => `/box/n${i + 10}`)
      for (const path of stayed) expect(seen.filter((one) => one === path).length).toBe(1)
      expect(seen).toContain("/box/n155")
    })
  )
)

it.effect("refuses a cursor of another question", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      yield* create("/a")
      yield* create("/a/b")
      yield* grant(ada.path, "/a", ["READ", "USE"])
      const { next } = yield* call(list, { perms: ["READ"], under: "/a", limit: 1 }, ada.as)
      const other = { perms: ["USE"], under: "/a", limit: 1, cursor: next }
      expect((yield* refused(list, other, ada.as)).code).toBe("CURSOR_INVALID")
      expect((yield* refused(list, { ...other, perms: ["READ"] }, Authority.system)).code).toBe("CURSOR_INVALID")
    })
  )
)
