import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { costOf, countedKernel, noCounts } from "../support/counted.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, onServer, refused, rows, user } from "../support/kernel.ts"

/** Everything that a caller is told by an error, with the name it asked for taken out. */
const told = (error: PorticoError, name: string) => JSON.stringify(error).replaceAll(name, "NAME")

type Ask = (path: string) => readonly [string, unknown]

/** Whatever may be asked about one node, by whoever has every bit on `/mine` and on themselves. */
const asksOf = (self: string): ReadonlyArray<Ask> => [
  (path) => [`${path}::get`, undefined],
  (path) => [`${path}::update`, { props: {} }],
  (path) => [`${path}::restore`, {}],
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
  (path) => ["/mine/in::move", { to: path }],
  (path) => [`${self}::grantPerm`, { node: path, perms: 1 }],
  (path) => [K.Identity.checkPerm.path, { node: path, perms: 1 }],
  (path) => [K.Identity.checkPerm.path, { identity: path, node: "/mine", perms: 1 }],
  (path) => ["/mine::getLink", { edgeClass: K.has_parent.ref, target: path }]
]

/** Whatever names a class, an interface or an edge class. */
const asksForTypes: ReadonlyArray<Ask> = [
  (name) => [K.Node.createNode.path, { class: name, path: "/mine/new" }],
  (name) => ["/mine::listChildren", { class: name }],
  (name) => ["/mine::getLinks", { edgeClass: name }],
  (name) => [K.Node.changes.path, { class: name }]
]

/** Those that are called on the node itself. */
const onSelf = (asks: ReadonlyArray<Ask>) => asks.filter((ask) => ask("@x")[0].startsWith("@x"))

/** Grants more on a node than are read as a whole, to nobody. */
const manyGrants = Effect.fnUntraced(function* (slug: string) {
  const { write } = yield* Database
  const keyOf = (of: string) =>
    Effect.map(rows("SELECT key FROM nodes WHERE slug = ?", of), ([row]) => Number(row?.key))
  const [node, hasPerm] = [yield* keyOf(slug), yield* keyOf("class.has_perm")]
  yield* write((tx) =>
    Effect.sync(() => {
      tx.exec(
        `INSERT INTO edges (class, source, target, slug, mask, rev, props)
         WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 70)
         SELECT ${hasPerm}, 1000000 + i, ${node}, '', 1, 1, '{}' FROM numbers`
      )
      tx.exec(`UPDATE nodes SET granted = 1 WHERE key = ${node}`)
    })
  )
})

const secret = "11111111-1111-7111-8111-111111111111"

describe("abuse 22: what a caller may not see", () => {
  it.effect("is refused by every method just as what is not there", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* install(bundle)
        yield* create("/vault")
        yield* create("/vault/real", { class: D.Contact.ref, props: { email: "a" } })
        for (const path of ["/mine", "/mine/in"]) yield* create(path)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/mine", 15)
        yield* grant(ada.path, ada.path, 15)
        const asks = asksOf(ada.path)
        for (const ask of asks) {
          const [hidden, missing] = [
            yield* refused(...ask("/vault/real"), ada.as),
            yield* refused(...ask("/vault/none"), ada.as)
          ]
          expect(told(hidden, "real")).toBe(told(missing, "none"))
          expect(hidden.code).toBe("NOT_FOUND")
          // Nor does it matter what else would be wrong about it.
          const wanting = Effect.fnUntraced(function* (name: string) {
            const [path, params] = ask(`/vault/${name}`)
            return told(yield* Effect.flip(kernel.call(ada.as, { path, params, wants: "stream" })), name)
          })
          expect(yield* wanting("real")).toBe(yield* wanting("none"))
        }
        const realId = (yield* call("/vault/real::get")).id
        for (const ask of onSelf(asks)) {
          const [hidden, missing] = [
            yield* refused(...ask(`@${realId}`), ada.as),
            yield* refused(...ask(`@${secret}`), ada.as)
          ]
          expect(told(hidden, realId)).toBe(told(missing, secret))
        }
      })
    )
  )

  it.effect("has the store asked as often as what is not there, remembered or forgotten, granted or not", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      yield* install({ ...bundle, grants: { authenticated: 0 } })
      for (const path of ["/vault", "/mine", "/mine/in", "/alone", "/gone"]) yield* create(path)
      const { id } = yield* create("/vault/real", { class: D.Contact.ref, props: { email: "a" } })
      yield* create("/vault/real/deep")
      const gone = yield* get("/gone")
      yield* call("/gone::delete")
      const [ada, eve] = [yield* user("ada"), yield* user("eve")]
      for (const path of ["/mine", ada.path]) yield* grant(ada.path, path, 15)
      for (const path of ["/", "/alone", "/vault/real"]) yield* grant(eve.path, path, 2)
      yield* manyGrants("deep")
      // Who she is takes several questions as well.
      for (let i = 0; i < 5; i++) {
        yield* create(`/identities/team${i}`, { class: K.Group.ref })
        yield* call(`/identities/team${i}::addMember`, { member: i === 0 ? ada.path : `/identities/team${i - 1}` })
      }
      // What there is to be called on nodes of a class is found out once, by whoever comes first.
      for (const path of ["/:crm.example.dev", "/:crm.example.dev:class.Contact"]) yield* get(path)
      let changes = 0
      const apart = ["/vault/real/deep", "/vault/real", "/vault", "/alone", "/identities/team0", "/identities/team1"]
      const changed = Effect.forEach(apart, (path) => call(`${path}::update`, { props: { name: `${++changes}` } }))
      const grantsChanged = Effect.forEach(["grantPerm", "revokePerm"], (method) =>
        call(`${eve.path}::${method}`, { node: "/mine", perms: 1 })
      )
      // Whether somebody asked for something else since that is not there.
      const reached: ReadonlyArray<
        readonly [how: string, reach: Effect.Effect<unknown, unknown, Kernel>, isWarm: boolean]
      > = [
        ["read", Effect.forEach(["/vault/real", "/vault/real/deep", `@${id}`, "/alone"], (path) => get(path)), true],
        ["both just changed", Effect.andThen(changed, grantsChanged), false],
        ["changed", changed, true],
        ["grants changed", grantsChanged, true],
        ["grants just changed", grantsChanged, false]
      ]
      const all = asksOf(ada.path)
      const few: ReadonlyArray<Ask> = [
        (path) => [`${path}::get`, undefined],
        (path) => [K.Node.createNode.path, { class: K.Folder.ref, parent: path, slug: "x" }],
        (path) => [K.Node.mutate.path, { ops: [{ op: "update", node: path, props: {} }] }],
        (path) => [`${path}::restore`, {}],
        (path) => [K.Identity.checkPerm.path, { node: path, perms: 1 }]
      ]
      const pairs: ReadonlyArray<readonly [hidden: string, missing: string, asks: ReadonlyArray<Ask>]> = [
        ["/vault/real", "/vault/none", all],
        [`@${id}`, `@${secret}`, [...few, ...onSelf(all)]],
        [`@${gone.id}`, `@${secret}`, few],
        ["/gone", "/none", few],
        ["/alone", "/none", few],
        ["/vault/real/deep", "/vault/none/deep", few],
        ["/vault/real/none/none", "/vault/none/none/none", few],
        ["/:crm.example.dev", "/:xyz.example.dev", few],
        ["/:crm.example.dev:class.Contact", "/:crm.example.dev:class.None", few],
        ["/vault/real", "/vault/none", asksForTypes],
        ["crm.example.dev:class.Contact", "crm.example.dev:class.None", asksForTypes],
        ["crm.example.dev:class.Contact", "xyz.example.dev:class.Contact", asksForTypes],
        ["/:crm.example.dev:class.Contact:ping", "/:xyz.example.dev:class.Contact:ping", [(path) => [path, {}]]]
      ]
      // On a server all of this is many ways there and back.
      const of = <A>(some: ReadonlyArray<A>) => (onServer ? some.slice(0, 3) : some)
      for (const [hidden, missing, asks] of pairs) {
        const another = missing.startsWith("@") ? `@${secret.replaceAll("1", "2")}` : `${missing}2`
        for (const [how, reach, isWarm] of of(reached)) {
          for (const ask of of(asks === all ? [...few, ...all] : asks)) {
            const asked = Effect.fnUntraced(function* (path: string) {
              yield* reach
              if (isWarm) yield* refused(...ask(another), ada.as)
              const { result, statements, writes } = yield* cost(refused(...ask(path), ada.as))
              return [JSON.stringify(ask(hidden)), how, result.code, statements, writes]
            })
            expect(yield* asked(hidden)).toEqual(yield* asked(missing))
          }
        }
      }
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })

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
