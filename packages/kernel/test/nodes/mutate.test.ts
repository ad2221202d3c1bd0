import { expect, it } from "@effect/vitest"
import { Database, type SyncConnection } from "@portico/gate/database"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Authority, type CallRequest, Kernel } from "../../src/index.ts"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, onServer, refused, user } from "../support/kernel.ts"

const mutate = K.Node.mutate.path

it.effect("makes many changes in one commit, and later ones name what earlier ones made", () =>
  onKernel(
    Effect.gen(function* () {
      yield* install(bundle)
      yield* create("/contacts")
      const { results } = yield* call(mutate, {
        ops: [
          { op: "createNode", class: K.Folder.ref, path: "/projects" },
          { op: "createNode", class: D.Project.ref, path: "$0.path/apollo", props: { title: "Apollo" } },
          {
            op: "createNode",
            class: D.Contact.ref,
            parent: "/contacts",
            slug: "ada",
            props: { email: "a@example.dev" }
          },
          { op: "link", node: "$2", edgeClass: D.works_on.ref, target: "$1.id", props: { role: "lead" } },
          { op: "updateLink", node: "$2", edgeClass: D.works_on.ref, target: "$1", props: { role: "reviewer" } },
          { op: "update", node: "$2", props: { email: "ada@example.dev" } },
          { op: "move", node: "$1", to: "/", slug: "apollo" },
          { op: "delete", node: "$0" }
        ]
      })
      expect(results).toMatchObject([
        { path: "/projects", created: true },
        { path: "/projects/apollo" },
        { path: "/contacts/ada" },
        {},
        { props: { [D.works_on.role.key]: "reviewer" } },
        { props: { [D.Contact.email.key]: "ada@example.dev" } },
        { path: "/apollo" },
        { deleted: 1 }
      ])
      const [project, contact] = [yield* get("/apollo"), yield* get("/contacts/ada")]
      expect(project.rev).toBe(contact.rev)
      const { edges } = yield* call("/contacts/ada::getLinks")
      expect(edges).toMatchObject([{ target: project.id, rev: project.rev }])
      expect((yield* refused("/projects::get")).code).toBe("NOT_FOUND")
    })
  )
)

it.effect("makes none of them where one is refused, and says which", () =>
  onKernel(
    Effect.gen(function* () {
      const before = yield* digest
      const error = yield* refused(mutate, {
        ops: [
          { op: "createNode", class: K.Folder.ref, path: "/a" },
          { op: "createNode", class: K.Folder.ref, path: "/a/b" },
          { op: "update", node: "$1", props: { nmae: "B" } }
        ]
      })
      expect(error).toMatchObject({ code: "INVALID_PARAMS", details: { op: 2 } })
      expect(error.message).toMatch(/^ops\[2\]: /)
      expect(yield* digest).toBe(before)
    })
  )
)

it.effect("shows each change what those before it made, also of nodes and paths that are remembered", () =>
  onKernel(
    Effect.gen(function* () {
      const { id } = yield* create("/a")
      for (const path of ["/a/b", "/c", "/d"]) yield* create(path)
      const name = (text: string) => ({ op: "update", props: { name: text } })
      const description = (text: string) => ({ op: "update", props: { description: text } })
      const shown = Effect.map(get(`@${id}`), ({ path, props }) => [path, ...Object.values(props)])
      const paths = ["/a", "/a/b", "/c", "/d"]
      const remember = Effect.andThen(
        Effect.forEach(paths, (path) => get(path)),
        get(`@${id}`)
      )
      yield* remember
      yield* call(mutate, {
        ops: [
          { ...name("1"), node: `@${id}` },
          { ...description("2"), node: `@${id}` }
        ]
      })
      expect(yield* shown).toEqual(["/a", "1", "2"])
      yield* remember
      yield* call(mutate, {
        ops: [
          { op: "move", node: "/c", to: "/d" },
          { ...name("3"), node: "/a" },
          { ...description("4"), node: "/a" }
        ]
      })
      expect(yield* shown).toEqual(["/a", "3", "4"])
      yield* call("/d/c::move", { to: "/" })
      for (const gone of [
        { op: "move", node: "/a", to: "/d" },
        { op: "delete", node: "/a", recursive: true }
      ]) {
        for (const node of ["/a", "/a/b"]) {
          yield* remember
          const refusal = yield* refused(mutate, { ops: [gone, { ...name("5"), node }] })
          expect(refusal).toMatchObject({ code: "NOT_FOUND", details: { op: 1 } })
        }
      }
      expect(yield* shown).toEqual(["/a", "3", "4"])
    })
  )
)

it.effect("leaves nothing behind in what is remembered, where it is refused after it was looked at", () =>
  onKernel(
    Effect.gen(function* () {
      yield* install(bundle)
      yield* create("/other")
      const make = { op: "createNode", class: K.Folder.ref }
      const look = (node: string) => ({ op: "update", node, props: { name: "never" } })
      const firsts = [
        [look("TOP/a")],
        [
          { ...make, path: "TOP/a/new" },
          { ...make, path: "TOP/a/new/more" }
        ],
        [{ ...make, path: "TOP/z/new" }, look("TOP/a")],
        [{ op: "update", node: "TOP/a/c", props: { email: "never@example.dev" } }],
        [{ op: "move", node: "TOP/a", to: "TOP/z" }],
        [{ op: "delete", node: "TOP/a", recursive: true }]
      ]
      const every = ["TOP/a/b/d", "@D", "@C", "$0", "TOP/a/new", "TOP/z/a/b/d", "$1", "TOP/a"]
      const looks = onServer ? every.slice(0, 4) : every
      const paths = ["/a", "/a/b", "/a/b/d", "/a/c", "/z"]
      // Whether all of it was looked at before, and again at once.
      const moments = onServer ? [false] : [true, false]
      const all = firsts.flatMap((first) => looks.flatMap((node) => moments.map((known) => ({ first, known, node }))))
      for (const [index, { first, known, node }] of all.entries()) {
        const top = `/top${index}`
        const { results } = yield* call(mutate, {
          ops: ["", ...paths].map((path) =>
            path === "/a/c"
              ? { op: "createNode", class: D.Contact.ref, path: top + path, props: { email: `${index}@example.dev` } }
              : { ...make, path: top + path, props: { name: path } }
          )
        })
        const [, , , d, c] = results.map(({ id }: { id: string }) => id)
        const seen = Effect.gen(function* () {
          const nodes = yield* Effect.forEach([...paths.map((path) => top + path), `@${d}`, `@${c}`], (path) =>
            get(path)
          )
          for (const gone of ["/a/new", "/a/new/more", "/z/new", "/z/a", "/z/a/b/d"])
            expect([index, (yield* refused(`${top}${gone}::get`)).code]).toEqual([index, "NOT_FOUND"])
          const { nodes: tree } = yield* call(`${top}::getTree`)
          return [...nodes, ...tree].map(({ path, props }) => [path, Object.values(props)[0]])
        })
        const named = (path: string) => [top + path, path === "/a/c" ? `${index}@example.dev` : path]
        const expected = [...paths, "/a/b/d", "/a/c", "", "/a", "/z", "/a/b", "/a/c", "/a/b/d"].map(named)
        if (known) expect(yield* seen).toEqual(expected)
        const text = JSON.stringify([...first, look(node), look("/nowhere")])
        const ops = JSON.parse(text.replaceAll("TOP", top).replaceAll("@D", `@${d}`).replaceAll("@C", `@${c}`))
        yield* refused(mutate, { ops })
        if (known) expect([ops, yield* seen]).toEqual([ops, expected])
        // The next commit has the number that the refused one would have had.
        yield* call("/other::update", { props: { name: top } })
        expect([ops, yield* seen]).toEqual([ops, expected])
      }
    })
  )
)

// By the clock of the machine, since by that a long write lets readers in.
it.live("shows readers nothing of what it has moved until all is made", () =>
  onKernel(
    Effect.gen(function* () {
      for (const each of ["/a", "/a/b"]) yield* create(each)
      const { id } = yield* create("/a/b/c")
      yield* create("/z")
      const path = Effect.map(get(`@${id}`), (node) => node.path)
      // Answers the node, which stays as it is, by the path that it would have.
      const look = { op: "update", node: `@${id}`, props: {} }
      const ops = [{ op: "move", node: "/a", to: "/z" }, ...Array.from({ length: 400 }, () => look)]
      yield* get("/a/b")
      expect(yield* path).toBe("/a/b/c")
      const writer = yield* Effect.forkChild(refused(mutate, { ops: [...ops, { ...look, node: "/nowhere" }] }), {
        startImmediately: true
      })
      let looks = 0
      for (; writer.pollUnsafe() === undefined; looks++) {
        expect(yield* path).toBe("/a/b/c")
        yield* Effect.yieldNow
      }
      expect(looks).toBeGreaterThan(1)
      expect((yield* Fiber.join(writer)).code).toBe("NOT_FOUND")
      yield* get("/a/b")
      const { results } = yield* call(mutate, { ops })
      expect(results.at(-1).path).toBe("/z/a/b/c")
      expect(yield* path).toBe("/z/a/b/c")
    })
  )
)

it.effect("asks of each change what a call by itself would ask", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      yield* create("/hers")
      yield* create("/theirs")
      yield* grant(ada.path, "/hers", ["READ", "EDIT"])
      const ops = (...last: ReadonlyArray<object>) => ({
        ops: [{ op: "createNode", class: K.Folder.ref, path: "/hers/new" }, ...last]
      })
      const refusal = (...last: ReadonlyArray<object>) => refused(mutate, ops(...last), ada.as)
      const hidden = yield* refusal({ op: "update", node: "/theirs", props: {} })
      const missing = yield* refusal({ op: "update", node: "/nowhere", props: {} })
      expect(hidden.message.replace("/theirs", "/nowhere")).toBe(missing.message)
      expect((yield* refusal({ op: "move", node: "$0", to: "/theirs" })).code).toBe("NOT_FOUND")
      expect((yield* refusal({ op: "delete", node: "/identities/everyone" })).code).toBe("NOT_FOUND")
      expect((yield* refused("/hers/new::get")).code).toBe("NOT_FOUND")
      yield* call(mutate, ops({ op: "update", node: "$0", props: { name: "New" } }), ada.as)
      expect((yield* get("/hers/new", ada.as)).props).toMatchObject({ [K.Named.name.key]: "New" })
    })
  )
)

it.effect("writes no grants and no memberships (abuse 60)", () =>
  onKernel(
    Effect.gen(function* () {
      const ada = yield* user("ada")
      yield* create("/identities/admins", { class: K.Group.ref })
      for (const [edgeClass, target] of [
        [K.member_of.ref, "/identities/admins"],
        [K.has_perm.ref, "/"],
        [K.has_parent.ref, "/"]
      ]) {
        const ops = [{ op: "link", node: ada.path, edgeClass, target }]
        expect((yield* refused(mutate, { ops })).code).toBe("CONSTRAINT_VIOLATED")
      }
      for (const op of ["grantPerm", "addMember", "mutate", "get", "__proto__"]) {
        const ops = [{ op, node: ada.path, params: {} }]
        expect((yield* refused(mutate, { ops })).code).toBe("INVALID_PARAMS")
      }
    })
  )
)

it.effect("refuses a name of nothing, of a later change, and of what has no address", () =>
  onKernel(
    Effect.gen(function* () {
      for (const node of ["$1", "$5.id", "$", "$0.props", "$0/x", "$0.id/x", "$01234567890"]) {
        const ops = [
          { op: "createNode", class: K.Folder.ref, path: "/a" },
          { op: "update", node, props: {} }
        ]
        expect(yield* refused(mutate, { ops })).toMatchObject({ code: "INVALID_PARAMS", details: { op: 1 } })
      }
      yield* create("/a")
      const deleted = [
        { op: "delete", node: "/a" },
        { op: "update", node: "$0", props: {} }
      ]
      expect((yield* refused(mutate, { ops: deleted })).code).toBe("INVALID_PARAMS")
      expect((yield* refused(mutate, { ops: [{ op: "update", node: "/a::get", props: {} }] })).code).toBe(
        "INVALID_PATH"
      )
    })
  )
)

it.effect("leaves props alone that look like such a name", () =>
  onKernel(
    Effect.gen(function* () {
      const ops = [
        { op: "createNode", class: K.Folder.ref, path: "/a", props: { name: "$0" } },
        { op: "createNode", class: K.Folder.ref, path: "/b", props: { name: "$0.id" } }
      ]
      yield* call(mutate, { ops })
      expect((yield* get("/b")).props[K.Named.name.key]).toBe("$0.id")
    })
  )
)

it.effect("takes a thousand changes, and not one more", () =>
  onKernel(
    Effect.gen(function* () {
      const ops = Array.from({ length: 1_000 }, (_, i) => ({
        op: "createNode",
        class: K.Folder.ref,
        path: i === 0 ? "/box" : `$0.path/n${i}`
      }))
      expect((yield* call(mutate, { ops })).results.length).toBe(1_000)
      expect(yield* call("/box::countChildren")).toMatchObject({ count: 999 })
      const more = yield* refused(mutate, { ops: [...ops, ops[0]] })
      expect(more).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "ops", max: 1_000 } })
      expect((yield* call(mutate, { ops: [] })).results).toEqual([])
    })
  )
)

it.effect("under an idempotency key is made once, and answers the same again", () =>
  onKernel(
    Effect.gen(function* () {
      const ops = [{ op: "createNode", class: K.Folder.ref, parent: "/" }]
      const first = yield* call(mutate, { ops, idempotencyKey: "once" })
      expect(yield* call(mutate, { ops, idempotencyKey: "once" })).toEqual(first)
      expect((yield* call(mutate, { ops, idempotencyKey: "twice" })).results[0].id).not.toBe(first.results[0].id)
      const other = { ops: [...ops, ...ops], idempotencyKey: "once" }
      expect((yield* refused(mutate, other)).code).toBe("IDEMPOTENCY_MISMATCH")
      const byNode = "/kernel.portico.dev/interface.Node/mutate"
      expect(yield* call(byNode, { ops, idempotencyKey: "by-node" })).toEqual(
        yield* call(byNode, { ops, idempotencyKey: "by-node" })
      )
    })
  )
)

const Task = nodeClass({})
const Person = nodeClass({})
const done_by = edgeClass({ as: "task", types: [Task], cardinality: "1" }, { as: "person", types: [Person] })
const tasks = defineSchema("tasks.example.dev", { classes: { Task, Person, done_by }, imports: [KernelSchema] })
const T = compileDomain(tasks)

it.effect("checks what a node has to have when all changes are made, so that one may mend what another breaks", () =>
  onKernel(
    Effect.gen(function* () {
      yield* install(bundleOf(tasks))
      const people = ["ada", "bob"].map((name) => ({ op: "createNode", class: T.Person.ref, path: `/${name}` }))
      const task = { op: "createNode", class: T.Task.ref, path: "/task" }
      const link = (target: string) => ({ op: "link", node: "/task", edgeClass: T.done_by.ref, target })
      expect((yield* refused(mutate, { ops: [...people, task] })).code).toBe("CONSTRAINT_VIOLATED")
      yield* call(mutate, { ops: [task, ...people, link("/ada")] })
      const unlink = { op: "unlink", node: "/task", edgeClass: T.done_by.ref, target: "/ada" }
      expect((yield* refused(mutate, { ops: [unlink] })).code).toBe("CONSTRAINT_VIOLATED")
      expect((yield* refused("/task::unlink", { edgeClass: T.done_by.ref, target: "/ada" })).code).toBe(
        "CONSTRAINT_VIOLATED"
      )
      yield* call(mutate, { ops: [unlink, link("/bob")] })
      yield* call(mutate, {
        ops: [
          { ...unlink, target: "/bob" },
          { op: "delete", node: "/task" }
        ]
      })
    })
  )
)

it.effect("is one transaction with what a module keeps about it in a table of its own: all of it, or none", () =>
  onKernel(
    Effect.gen(function* () {
      const { sql } = yield* Database
      const kernel = yield* Kernel
      yield* sql`CREATE TABLE kept (id TEXT NOT NULL)`
      const keep = (conn: SyncConnection, result: unknown) => {
        // Boundary: what the operations below answer.
        const { id, results = [{ id }] } = result as { id?: string; results?: ReadonlyArray<{ id?: string }> }
        for (const made of results) conn.prepare("INSERT INTO kept (id) VALUES (?)").run(made.id ?? "")
      }
      const change = (request: CallRequest, also = keep) => kernel.change(Authority.system, request, also)
      const kept = Effect.map(sql<{ readonly id: string }>`SELECT id FROM kept`, (rows) => rows.map(({ id }) => id))
      const folder = (path: string) => ({ class: K.Folder.ref, path })
      yield* change({ path: K.Node.createNode.path, params: folder("/a") })
      const ops = ["/b", "/c"].map((path) => ({ op: "createNode", ...folder(path) }))
      yield* change({ path: mutate, params: { ops } })
      const made = [yield* get("/a"), yield* get("/b"), yield* get("/c")].map(({ id }) => id)
      expect(yield* kept).toEqual(made)
      const before = yield* digest
      const refuse = (conn: SyncConnection, result: unknown) => {
        keep(conn, result)
        throw PorticoError.make("CONSTRAINT_VIOLATED", "not today")
      }
      for (const params of [folder("/d"), { ops: [{ op: "createNode", ...folder("/d") }] }]) {
        const path = "ops" in params ? mutate : K.Node.createNode.path
        const error = yield* Effect.flip(change({ path, params }, refuse))
        expect(error).toMatchObject({ code: "CONSTRAINT_VIOLATED", message: "not today" })
      }
      expect(yield* digest).toEqual(before)
      expect(yield* kept).toEqual(made)
      // Nor anything of a call that is refused itself.
      expect((yield* Effect.flip(change({ path: K.Node.createNode.path, params: folder("/a") }))).code).toBe(
        "PATH_CONFLICT"
      )
      expect(yield* kept).toEqual(made)
    })
  )
)
