import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const createNode = K.Node.createNode.path
const folder = (path: string) => ({ class: K.Folder.ref, path })

describe("create", () => {
  it.effect("needs EDIT on the parent and USE on the class", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install({ ...bundle, grants: { authenticated: 1 } })
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ"])
        expect(yield* refused(createNode, folder("/a/x"), ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          message: "needs EDIT on /a",
          details: { needs: ["EDIT"], on: "/a", phase: "resource" }
        })
        yield* grant(ada.path, "/a", ["EDIT"])
        yield* call(createNode, folder("/a/x"), ada.as)
        const project = { class: D.Project.ref, path: "/a/p", props: { title: "P" } }
        expect(yield* refused(createNode, project, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE"], on: "/crm.example.dev/class.Project", phase: "type" }
        })
        yield* grant(ada.path, "/:crm.example.dev:class.Project", ["USE"])
        yield* call(createNode, project, ada.as)
      })
    )
  )

  it.effect("without READ answers id, path and rev, and the node stays unseen", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/inbox")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/inbox", ["EDIT"])
        const made = yield* call(createNode, folder("/inbox/x"), ada.as)
        expect(Object.keys(made).sort()).toEqual(["created", "id", "path", "rev"])
        expect((yield* refused("/inbox/x::get", undefined, ada.as)).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("hides a class that the caller may neither see nor use", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install({ ...bundle, grants: { authenticated: 0 } })
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 15)
        const hidden = yield* refused(createNode, { class: D.Project.ref, path: "/a/p" }, ada.as)
        const missing = yield* refused(createNode, { class: "crm.example.dev:class.Nothing", path: "/a/p" }, ada.as)
        expect(hidden.code).toBe("CLASS_NOT_FOUND")
        expect(hidden.message.replace("Project", "")).toBe(missing.message.replace("Nothing", ""))
      })
    )
  )
})

describe("update, delete and link", () => {
  it.effect("need EDIT on the node, and link READ on the target and USE on the edge class", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install({ ...bundle, grants: { authenticated: 1 } })
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/c", ["READ"])
        const denied = { code: "PERMISSION_DENIED", details: { needs: ["EDIT"], on: "/c", phase: "resource" } }
        expect(yield* refused("/c::update", { props: {} }, ada.as)).toMatchObject(denied)
        expect(yield* refused("/c::delete", {}, ada.as)).toMatchObject(denied)
        const link = { edgeClass: D.works_on.ref, target: "/p", props: { role: "r" } }
        expect(yield* refused("/c::link", link, ada.as)).toMatchObject(denied)
        yield* grant(ada.path, "/c", ["EDIT"])
        expect(yield* refused("/c::link", link, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE"], on: "/crm.example.dev/class.works_on", phase: "type" }
        })
        yield* grant(ada.path, "/:crm.example.dev:class.works_on", ["USE"])
        expect((yield* refused("/c::link", link, ada.as)).code).toBe("NOT_FOUND")
        yield* grant(ada.path, "/p", ["READ"])
        yield* call("/c::link", link, ada.as)
        yield* call("/c::unlink", { edgeClass: D.works_on.ref, target: "/p" }, ada.as)
        yield* call("/c::update", { props: { company: "X" } }, ada.as)
        yield* call("/c::delete", {}, ada.as)
      })
    )
  )
})

describe("an edge", () => {
  it.effect("is changed and removed with EDIT on its source, and not even looked up without READ on its target", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        for (const path of ["/p", "/q"]) yield* create(path, { class: D.Project.ref, props: { title: path } })
        const edge = { edgeClass: D.works_on.ref, target: "/p" }
        yield* call("/c::link", { ...edge, props: { role: "r" } })
        const [ada, eve] = [yield* user("ada"), yield* user("eve")]
        for (const path of ["/c", "/p"]) yield* grant(ada.path, path, ["READ", "USE", "SHARE"])
        yield* grant(eve.path, "/c", 15)
        for (const path of ["/p", "/q"]) yield* grant(eve.path, path, ["EDIT", "USE", "SHARE"])
        const asks: ReadonlyArray<readonly [method: string, more: object]> = [
          ["unlink", {}],
          ["updateLink", { props: { role: "s" } }],
          ["link", { props: { role: "s" }, onConflict: "merge" }],
          ["getLink", {}]
        ]
        const before = yield* digest
        for (const [method, more] of asks) {
          const lacking = { code: "PERMISSION_DENIED", details: { needs: ["EDIT"], on: "/c", phase: "resource" } }
          const params = { ...edge, ...more }
          if (method !== "getLink") expect(yield* refused(`/c::${method}`, params, ada.as)).toMatchObject(lacking)
          for (const target of ["/p", "/q", "/nowhere"]) {
            const error = yield* refused(`/c::${method}`, { ...params, target }, eve.as)
            expect([method, error.code, error.message]).toEqual([
              method,
              "NOT_FOUND",
              `${target} does not exist, or you may not see it`
            ])
          }
        }
        expect(yield* digest).toBe(before)
        expect((yield* call("/c::getLink", edge, ada.as)).props).toEqual({ [D.works_on.role.key]: "r" })
      })
    )
  )
})

describe("grant and revoke", () => {
  it.effect("with a narrowed credential give and take no bit that it lacks, whatever its holder has", () =>
    onKernel(
      Effect.gen(function* () {
        const { id } = yield* create("/a")
        const [ada, ben] = [yield* user("ada"), yield* user("ben")]
        for (const path of ["/a", "/identities"]) yield* grant(ada.path, path, 15)
        const narrow = Authority.narrow(ada.as, { nodes: "all", perms: 1 | 8 })
        const lacking = { code: "PERMISSION_DENIED", details: { needs: ["EDIT"], on: "/a", phase: "param" } }
        yield* grant(ben.path, "/a", 2)
        for (const method of ["grantPerm", "revokePerm"]) {
          const params = { node: `@${id}`, perms: ["READ", "EDIT"] }
          expect(yield* refused(`${ben.path}::${method}`, params, narrow)).toMatchObject(lacking)
        }
        expect(yield* grant(ben.path, "/a", 9, narrow)).toEqual({ mask: 11 })
      })
    )
  )

  it.effect("abuse 18: need SHARE on the node, and never hand out or take a bit that the granter lacks", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const [ada, bob] = [yield* user("ada"), yield* user("bob")]
        yield* grant(ada.path, "/identities", ["READ"])
        yield* grant(ada.path, "/a", ["READ", "USE"])
        yield* grant(bob.path, "/a", ["EDIT"])
        const before = yield* digest
        expect(yield* Effect.flip(grant(bob.path, "/a", ["READ"], ada.as))).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["SHARE"], on: "/a", phase: "param" }
        })
        expect((yield* Effect.flip(grant(ada.path, "/", 15, ada.as))).code).toBe("NOT_FOUND")
        expect(yield* digest).toBe(before)
        // Nor on Root, or on oneself, for who may see them and share something else.
        yield* grant(ada.path, "/", ["READ"])
        yield* grant(ada.path, "/a", ["SHARE"])
        const shared = yield* digest
        for (const [whom, node, perms] of [
          [ada.path, "/", ["READ"]],
          [ada.path, "/", 15],
          [bob.path, "/", ["SHARE"]],
          [ada.path, ada.path, ["EDIT"]],
          [ada.path, "/a", 15]
        ] as const) {
          const error = yield* Effect.flip(grant(whom, node, perms, ada.as))
          expect([whom, node, error.code, error.status]).toEqual([whom, node, "PERMISSION_DENIED", 403])
        }
        expect(yield* digest).toBe(shared)
        expect(yield* grant(bob.path, "/a", ["READ"], ada.as)).toEqual({ mask: 3 })
        const lacking = { code: "PERMISSION_DENIED", details: { needs: ["EDIT"], on: "/a", phase: "param" } }
        expect(yield* Effect.flip(grant(bob.path, "/a", ["READ", "EDIT"], ada.as))).toMatchObject(lacking)
        expect(yield* Effect.flip(grant(ada.path, "/a", ["EDIT"], ada.as))).toMatchObject(lacking)
        expect(yield* refused(`${bob.path}::revokePerm`, { node: "/a", perms: 2 }, ada.as)).toMatchObject(lacking)
        expect(yield* call(`${bob.path}::revokePerm`, { node: "/a", perms: 1 }, ada.as)).toEqual({ mask: 2 })
      })
    )
  )

  it.effect("take a mask or names, and refuse everything else", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const ada = yield* user("ada")
        const before = yield* digest
        for (const perms of [0xffffffff, -1, 2 ** 31, 2 ** 53 + 1, "3", ["OWN"], null, 1.5, [1], {}, 16]) {
          expect((yield* Effect.flip(grant(ada.path, "/a", perms))).code).toBe("INVALID_PARAMS")
        }
        expect(yield* digest).toBe(before)
        expect(yield* grant(ada.path, "/a", ["READ", "SHARE"])).toEqual({ mask: 9 })
        expect(yield* grant(ada.path, "/a", 6)).toEqual({ mask: 15 })
      })
    )
  )

  it.effect("a revoke holds for the next operation", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/a/b")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ"])
        for (let i = 0; i < 3; i++) yield* call("/a/b::get", undefined, ada.as)
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: ["READ"] })
        expect((yield* refused("/a/b::get", undefined, ada.as)).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("only identities are granted to", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        expect((yield* refused("/a::grantPerm", { node: "/a", perms: 1 })).code).toBe("METHOD_NOT_FOUND")
      })
    )
  )
})

describe("listPerms", () => {
  it.effect("shows one's own grants on what one may see, and others' where one manages them", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/a", "/b", "/c"]) yield* create(path)
        const [ada, bob] = [yield* user("ada"), yield* user("bob")]
        yield* grant(bob.path, "/a", 1)
        yield* grant(bob.path, "/b", 3)
        yield* grant(bob.path, "/c", 4)
        yield* grant(bob.path, bob.path, 1)
        yield* grant(ada.path, bob.path, 1)
        yield* grant(ada.path, "/a", 1)
        yield* grant(ada.path, "/b", 9)
        const paths = (list: { grants: ReadonlyArray<{ path: string; mask: number }> }) =>
          list.grants.map(({ path, mask }) => [path, mask])
        expect(paths(yield* call(`${bob.path}::listPerms`, {}, bob.as))).toEqual([
          ["/a", 1],
          ["/b", 3],
          ["/identities/bob", 1]
        ])
        expect(paths(yield* call(`${bob.path}::listPerms`, {}, ada.as))).toEqual([["/b", 3]])
        const first = yield* call(`${bob.path}::listPerms`, { limit: 2 }, bob.as)
        const second = yield* call(`${bob.path}::listPerms`, { limit: 2, cursor: first.next }, bob.as)
        expect([...paths(first), ...paths(second)]).toHaveLength(3)
        expect(second.next).toBeUndefined()
      })
    )
  )
})

describe("groups", () => {
  it.effect("are managed with SHARE on the group, hold their members' grants, and may go round", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        for (const name of ["inner", "outer"]) yield* create(`/identities/${name}`, { class: K.Group.ref })
        const ada = yield* user("ada")
        expect(yield* call("/identities/inner::addMember", { member: ada.path })).toEqual({ added: true })
        expect(yield* call("/identities/inner::addMember", { member: ada.path })).toEqual({ added: false })
        yield* call("/identities/outer::addMember", { member: "/identities/inner" })
        yield* call("/identities/inner::addMember", { member: "/identities/outer" })
        yield* grant("/identities/outer", "/a", ["READ"])
        yield* call("/a::get", undefined, ada.as)
        yield* grant(ada.path, "/identities", ["READ"])
        expect(
          yield* refused("/identities/inner::addMember", { member: "/identities/everyone" }, ada.as)
        ).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["SHARE"], on: "/identities/inner" }
        })
        const { members } = yield* call("/identities/inner::listMembers", {}, ada.as)
        expect(members.map((member: { path: string }) => member.path).sort()).toEqual([
          "/identities/ada",
          "/identities/outer"
        ])
        expect(yield* call("/identities/inner::removeMember", { member: ada.path })).toEqual({ removed: true })
        expect((yield* refused("/a::get", undefined, ada.as)).code).toBe("NOT_FOUND")
        expect((yield* refused("/identities/inner::addMember", { member: "/a" })).code).toBe("CONSTRAINT_VIOLATED")
        expect((yield* refused(`${ada.path}::addMember`, { member: ada.path })).code).toBe("METHOD_NOT_FOUND")
      })
    )
  )
})

describe("members", () => {
  it.effect(
    "are added, removed and listed by whoever may READ them, and hidden from others like what is not there",
    () =>
      onKernel(
        Effect.gen(function* () {
          yield* create("/identities/team", { class: K.Group.ref })
          const [ada, ben, cyd] = [yield* user("ada"), yield* user("ben"), yield* user("cyd")]
          yield* grant(ada.path, "/identities/team", 15)
          yield* grant(ada.path, ben.path, 1)
          yield* grant(ada.path, cyd.path, ["EDIT", "USE", "SHARE"])
          const team = (method: string, member: string) => refused(`/identities/team::${method}`, { member }, ada.as)
          for (const method of ["addMember", "removeMember"]) {
            for (const member of [cyd.path, "/identities/nobody"]) {
              const { code, message } = yield* team(method, member)
              expect([code, message]).toEqual(["NOT_FOUND", `${member} does not exist, or you may not see it`])
            }
            for (const { path } of [ben, cyd]) yield* call("/identities/team::addMember", { member: path })
          }
          const { members } = yield* call("/identities/team::listMembers", {}, ada.as)
          expect(members.map(({ path }: { path: string }) => path)).toEqual([ben.path])
        })
      )
  )
})

describe("checkPerm", () => {
  it.effect("answers about oneself freely, and about others with READ on them and SHARE on the node", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const [ada, bob] = [yield* user("ada"), yield* user("bob")]
        yield* grant(bob.path, "/a", 3)
        const check = K.Identity.checkPerm.path
        expect(yield* call(check, { node: "/a", perms: ["READ"] }, bob.as)).toMatchObject({ allowed: true, mask: 3 })
        expect(yield* call(check, { node: "/a", perms: 4 }, bob.as)).toMatchObject({ allowed: false, mask: 3 })
        const about = { identity: bob.path, node: "/a", perms: 1 }
        expect((yield* refused(check, about, ada.as)).code).toBe("NOT_FOUND")
        yield* grant(ada.path, bob.path, 1)
        yield* grant(ada.path, "/a", 1)
        expect(yield* refused(check, about, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["SHARE"] }
        })
        yield* grant(ada.path, "/a", 8)
        expect(yield* call(check, about, ada.as)).toMatchObject({ allowed: true, mask: 3 })
        expect((yield* refused(check, { node: "/nope", perms: 1 }, bob.as)).code).toBe("NOT_FOUND")
      })
    )
  )
})

describe("a question about another identity", () => {
  it.effect("needs READ on it, is answered by all that it has, and lists where the asker manages grants", () =>
    onKernel(
      Effect.gen(function* () {
        const { id } = yield* create("/a")
        yield* create("/b")
        const [ada, ben, cyd] = [yield* user("ada"), yield* user("ben"), yield* user("cyd")]
        yield* grant(ben.path, "/a", 5)
        yield* grant(ben.path, "/b", 1)
        yield* grant(ada.path, "/a", 15)
        yield* grant(ada.path, "/b", 7)
        yield* grant(ada.path, ben.path, 1)
        yield* grant(ada.path, cyd.path, 14)
        const ask = (identity: string, as = ada.as) =>
          call(K.Identity.checkPerm.path, { identity, node: "/a", perms: 1 }, as)
        expect((yield* Effect.flip(ask(cyd.path))).code).toBe("NOT_FOUND")
        expect(yield* ask(ben.path)).toMatchObject({ allowed: true, mask: 5 })
        const narrow = Authority.narrow(ada.as, { nodes: [id, ben.id], perms: 9 })
        expect(yield* ask(ben.path, narrow)).toMatchObject({ allowed: true, mask: 5 })
        const listed = (perms: number) =>
          Effect.map(
            call(K.Identity.listAccessible.path, { identity: ben.path, perms }, ada.as),
            ({ nodes }: { nodes: ReadonlyArray<{ path: string }> }) => nodes.map(({ path }) => path)
          )
        expect(yield* listed(1)).toEqual(["/a"])
        yield* grant(ada.path, "/b", 8)
        expect(yield* listed(1)).toEqual(["/a", "/b"])
        expect(yield* listed(4)).toEqual(["/a"])
      })
    )
  )

  it.effect("takes everyone for who shows nothing, and the Domain of a function for the function itself", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/a")
        yield* grant("/identities/authenticated", "/a", 1)
        yield* grant("/identities/everyone", "/a", 4)
        const ask = (identity: string, as?: Authority) =>
          call(K.Identity.checkPerm.path, { identity, node: "/a", perms: 1 }, as)
        expect(yield* ask("/identities/everyone")).toMatchObject({ allowed: false, mask: 4 })
        expect(yield* ask("/identities/authenticated")).toMatchObject({ allowed: true, mask: 5 })
        const [fn, domain] = [yield* get("/:crm.example.dev:function.seed"), yield* get("/:crm.example.dev")]
        const own = Authority.functionOnly(Authority.anonymous, { id: fn.id, also: [domain.id] })
        // Of others it would need SHARE on /a.
        expect(yield* ask("/:crm.example.dev", own)).toMatchObject({ allowed: true, mask: 5 })
      })
    )
  )
})

describe("whoami", () => {
  it.effect("tells a caller who they are, and one without a credential nothing", () =>
    onKernel(
      Effect.gen(function* () {
        const { id } = yield* create("/identities/ada", { class: K.User.ref, props: { name: "Ada" } })
        yield* create("/identities/team", { class: K.Group.ref })
        yield* call("/identities/team::addMember", { member: "/identities/ada" })
        const me = yield* call(K.Identity.whoami.path, undefined, Authority.identity(id))
        expect(me).toMatchObject({ id, path: "/identities/ada", class: K.User.ref, name: "Ada" })
        expect(me.groups).toMatchObject([{ path: "/identities/team" }])
        expect(yield* call(K.Identity.whoami.path, undefined, Authority.anonymous)).toMatchObject({
          id: null,
          groups: []
        })
      })
    )
  )
})
