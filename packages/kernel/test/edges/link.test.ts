import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const setUp = Effect.gen(function* () {
  yield* install(bundle)
  for (const name of ["ada", "bob"]) yield* create(`/${name}`, { class: D.Contact.ref, props: { email: name } })
  for (const name of ["p", "q", "r"]) yield* create(`/${name}`, { class: D.Project.ref, props: { title: name } })
  yield* create("/leaf", { class: D.Leaf.ref })
})

const Person = nodeClass({})
const Task = nodeClass({})
const owns = edgeClass({ as: "owner", types: [Person] }, { as: "task", types: [Task], cardinality: "0..1" })
const does = edgeClass({ as: "doer", types: [Person] }, { as: "task", types: [Task], cardinality: "1..*" })
const married = edgeClass(
  { as: "one", types: [Person], cardinality: "0..1" },
  { as: "other", types: [Person], cardinality: "0..1" },
  { symmetric: true }
)
const tasks = defineSchema("tasks.example.dev", {
  classes: { Person, Task, owns, does, married },
  imports: [KernelSchema]
})
const T = compileDomain(tasks)

const worksOn = (target: string, rest: object = {}) => ({
  edgeClass: D.works_on.ref,
  target,
  props: { role: "dev" },
  ...rest
})

describe("link", () => {
  it.effect("makes an edge with its props, and unlink takes it away", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const edge = yield* call("/ada::link", worksOn("/p"))
        expect(edge).toMatchObject({
          class: D.works_on.ref,
          source: (yield* get("/ada")).id,
          target: (yield* get("/p")).id,
          props: { [D.works_on.role.key]: "dev" }
        })
        expect(yield* call("/ada::getLink", { edgeClass: D.works_on.ref, target: "/p" })).toEqual(edge)
        expect(yield* call("/ada::unlink", { edgeClass: D.works_on.ref, target: "/p" })).toEqual({ deleted: 1 })
        expect((yield* refused("/ada::getLink", { edgeClass: D.works_on.ref, target: "/p" })).code).toBe("NOT_FOUND")
        expect((yield* refused("/ada::unlink", { edgeClass: D.works_on.ref, target: "/p" })).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("where the edge is there already fails, merges or skips, as asked", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const edge = yield* call("/ada::link", worksOn("/p"))
        expect((yield* refused("/ada::link", worksOn("/p"))).code).toBe("PATH_CONFLICT")
        expect(yield* call("/ada::link", worksOn("/p", { onConflict: "skip", props: { role: "x" } }))).toEqual(edge)
        const merged = yield* call("/ada::link", worksOn("/p", { onConflict: "merge", props: { role: "lead" } }))
        expect(merged.props).toEqual({ [D.works_on.role.key]: "lead" })
        expect(merged.rev).toBeGreaterThan(edge.rev)
        const stale = worksOn("/p", { onConflict: "merge", ifRev: edge.rev })
        expect((yield* refused("/ada::link", stale)).code).toBe("REV_CONFLICT")
      })
    )
  )

  it.effect("is changed and taken away at the rev that was asked for, and at no other", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const { rev } = yield* call("/ada::link", worksOn("/p"))
        const edge = { edgeClass: D.works_on.ref, target: "/p" }
        const change = (ifRev: number) => ({ ...edge, ifRev, props: { role: "lead" } })
        const conflict = { code: "REV_CONFLICT", details: { rev } }
        expect(yield* refused("/ada::updateLink", change(rev - 1))).toMatchObject(conflict)
        expect(yield* refused("/ada::unlink", { ...edge, ifRev: rev + 1 })).toMatchObject(conflict)
        const changed = yield* call("/ada::updateLink", change(rev))
        expect((yield* refused("/ada::updateLink", change(rev))).details).toEqual({ rev: changed.rev })
        expect(yield* call("/ada::unlink", { ...edge, ifRev: changed.rev })).toEqual({ deleted: 1 })
        // An edge that is not there is at no rev: nothing is made for somebody who thinks that it is.
        const gone = yield* refused("/ada::link", worksOn("/p", { onConflict: "merge", ifRev: changed.rev }))
        expect(gone.code).toBe("REV_CONFLICT")
        expect((yield* call("/ada::getLinks", {})).edges).toEqual([])
      })
    )
  )

  it.effect("abuse 32: to what is missing, hidden or of the wrong class is refused, and changes nothing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const who = yield* user("carol")
        yield* grant(who.path, "/ada", ["READ", "EDIT"])
        yield* grant("/identities/authenticated", "/crm.example.dev", ["READ", "USE"])
        yield* call("/ada::link", worksOn("/q"))
        const before = yield* digest
        const to = (target: string) => Effect.flip(call("/ada::link", worksOn(target), who.as))
        const [hidden, missing] = [yield* to("/p"), yield* to("/nowhere")]
        expect(JSON.stringify(hidden)).toBe(JSON.stringify(missing).replaceAll("/nowhere", "/p"))
        // There is an edge to it, of which nothing is told either.
        expect(JSON.stringify(yield* to("/q"))).toBe(JSON.stringify(missing).replaceAll("/nowhere", "/q"))
        expect((yield* refused("/ada::link", worksOn("/leaf"))).code).toBe("CONSTRAINT_VIOLATED")
        expect((yield* refused("/leaf::link", worksOn("/p"))).code).toBe("CONSTRAINT_VIOLATED")
        expect((yield* refused("/ada::link", worksOn("/q"))).code).toBe("PATH_CONFLICT")
        yield* call("/p::delete")
        expect((yield* refused("/ada::link", worksOn("/p"))).code).toBe("NOT_FOUND")
        yield* call("/p::restore")
        expect((yield* digest).length).toBeGreaterThan(before.length)
        expect(yield* call("/ada::countLinks", {})).toEqual({ count: 1 })
      })
    )
  )

  it.effect("holds to the ends, props, cardinality, uniqueness and directions that the class declares", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const violated = (constraint: string) => ({ code: "CONSTRAINT_VIOLATED", details: { constraint } })
        expect(yield* refused("/p::link", worksOn("/q"))).toMatchObject(violated("ends"))
        expect(yield* refused("/ada::link", worksOn("/bob"))).toMatchObject(violated("ends"))
        expect((yield* refused("/ada::link", { edgeClass: D.works_on.ref, target: "/p" })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/ada::link", worksOn("/p", { props: { role: "r", x: 1 } }))).code).toBe(
          "INVALID_PARAMS"
        )
        yield* call("/ada::link", worksOn("/p"))
        expect(yield* refused("/ada::link", worksOn("/p", { slug: "second" }))).toMatchObject(violated("unique"))
        yield* call("/ada::link", worksOn("/q"))
        expect(yield* refused("/ada::link", worksOn("/r"))).toMatchObject(violated("cardinality"))
        const blocks = (target: string) => ({ edgeClass: D.blocks.ref, target })
        expect(yield* refused("/p::link", blocks("/p"))).toMatchObject(violated("noSelf"))
        yield* call("/p::link", blocks("/q"))
        yield* call("/q::link", blocks("/r"))
        expect((yield* refused("/r::link", blocks("/p"))).code).toBe("CYCLE")
        yield* call("/p::link", blocks("/r"))
      })
    )
  )

  it.effect("looks for a cycle among as many nodes as a query may come by, and refuses an edge that takes more", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const i of [0, 1, 2, 3, 4, 5]) yield* create(`/${i}`, { class: D.Project.ref, props: { title: "t" } })
        const blocks = (from: number, to: number) =>
          [`/${from}::link`, { edgeClass: D.blocks.ref, target: `/${to}` }] as const
        for (const from of [4, 3, 2]) yield* call(...blocks(from, from + 1))
        yield* call(...blocks(1, 3))
        const before = yield* digest
        expect(yield* refused(...blocks(1, 2))).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "visited", max: 3 }
        })
        expect(yield* digest).toBe(before)
      }),
      {},
      [],
      { queryVisited: 3 }
    )
  )

  it.effect("holds to how many edges either end may have and has to have, in either direction of a symmetric one", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundleOf(tasks))
        for (const path of ["/ada", "/bob", "/cyd"]) yield* create(path, { class: T.Person.ref })
        yield* create("/task", { class: T.Task.ref })
        const violated = (end: string) => ({ code: "CONSTRAINT_VIOLATED", details: { constraint: "cardinality", end } })
        const edge = (edgeClass: string, target: string) => ({ edgeClass, target })
        yield* call("/ada::link", edge(T.owns.ref, "/task"))
        expect(yield* refused("/bob::link", edge(T.owns.ref, "/task"))).toMatchObject(violated("task"))
        for (const path of ["/ada", "/bob"]) yield* call(`${path}::link`, edge(T.does.ref, "/task"))
        yield* call("/ada::unlink", edge(T.does.ref, "/task"))
        expect(yield* refused("/bob::unlink", edge(T.does.ref, "/task"))).toMatchObject(violated("task"))
        yield* call("/bob::link", edge(T.married.ref, "/ada"))
        expect(yield* refused("/bob::link", edge(T.married.ref, "/cyd"))).toMatchObject(violated("one"))
        expect(yield* refused("/cyd::link", edge(T.married.ref, "/ada"))).toMatchObject(violated("other"))
        expect(yield* refused("/ada::link", edge(T.married.ref, "/cyd"))).toMatchObject(violated("one"))
      })
    )
  )

  it.effect("of a symmetric class is the same edge from both sides", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const knows = (target: string) => ({ edgeClass: D.knows.ref, target })
        yield* call("/bob::link", knows("/ada"))
        expect((yield* refused("/ada::link", knows("/bob"))).code).toBe("PATH_CONFLICT")
        for (const [from, to] of [
          ["/ada", "/bob"],
          ["/bob", "/ada"]
        ] as const) {
          const again = yield* refused(`${from}::link`, { ...knows(to), slug: "again" })
          expect(again).toMatchObject({ code: "CONSTRAINT_VIOLATED", details: { constraint: "unique" } })
        }
        const [ada, bob] = [yield* get("/ada"), yield* get("/bob")]
        expect((yield* call("/ada::getLinks")).edges).toMatchObject([{ source: ada.id, target: bob.id }])
        expect((yield* call("/bob::getLinks")).edges).toMatchObject([{ source: bob.id, target: ada.id }])
        expect((yield* call("/bob::getLinks", { direction: "both" })).edges).toHaveLength(1)
        expect(yield* call("/ada::unlink", knows("/bob"))).toEqual({ deleted: 1 })
        expect((yield* call("/bob::getLinks")).edges).toEqual([])
      })
    )
  )

  it.effect("never writes the kernel's own edges, whoever asks", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        yield* create("/identities/team", { class: K.Group.ref })
        const eve = yield* user("eve")
        yield* grant(eve.path, eve.path, 3)
        yield* grant(eve.path, "/identities/team", 1)
        yield* grant("/identities/team", "/", 15)
        const before = yield* digest
        const kernelEdges = [
          K.has_perm,
          K.member_of,
          K.has_parent,
          K.instance_of,
          K.of_domain,
          K.method_of,
          K.extends,
          K.implements,
          K.view_for
        ]
        for (const { ref } of kernelEdges) {
          for (const as of [eve.as, undefined]) {
            for (const method of ["link", "unlink"]) {
              const error = yield* refused(`${eve.path}::${method}`, { edgeClass: ref, target: "/identities/team" }, as)
              expect(error).toMatchObject({ code: "CONSTRAINT_VIOLATED", details: { constraint: "kernelEdge" } })
            }
          }
        }
        const links = [{ edgeClass: K.member_of.ref, target: "/identities/team" }]
        const made = { class: K.User.ref, path: `${eve.path}2`, links }
        expect((yield* refused(K.Node.createNode.path, made)).code).toBe("CONSTRAINT_VIOLATED")
        expect(yield* digest).toBe(before)
      })
    )
  )
})

describe("getLinks", () => {
  it.effect("answers by direction and class, with the nodes at the other ends where asked", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        yield* call("/ada::link", worksOn("/p"))
        yield* call("/bob::link", worksOn("/p"))
        yield* call("/p::link", { edgeClass: D.blocks.ref, target: "/q" })
        yield* call("/leaf::link", { edgeClass: D.noted.ref, target: "/ada" })
        const links = (path: string, params: object = {}) => call(`${path}::getLinks`, params)
        expect((yield* links("/p")).edges).toHaveLength(1)
        expect((yield* links("/p", { direction: "in" })).edges).toHaveLength(2)
        expect((yield* links("/p", { direction: "both" })).edges).toHaveLength(3)
        expect((yield* links("/p", { direction: "both", edgeClass: D.blocks.ref })).edges).toHaveLength(1)
        const { edges, nodes } = yield* links("/p", { direction: "in", with: "nodes" })
        expect(edges).toHaveLength(2)
        expect(nodes.map((node: { path: string }) => node.path).sort()).toEqual(["/ada", "/bob"])
        expect((yield* refused("/p::getLinks", { edgeClass: "crm.example.dev:class.nope" })).code).toBe(
          "CLASS_NOT_FOUND"
        )
      })
    )
  )

  it.effect("answers has_parent and instance_of where they are asked for by name", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        yield* create("/p/x", { class: D.Leaf.ref })
        const [p, leaf] = [yield* get("/p"), yield* get("/:crm.example.dev:class.Leaf")]
        const links = (path: string, params: object) => call(`${path}::getLinks`, params)
        expect((yield* links("/p/x", { edgeClass: K.has_parent.ref })).edges).toMatchObject([{ target: p.id }])
        expect((yield* links("/p", { edgeClass: K.has_parent.ref, direction: "in" })).edges).toHaveLength(1)
        expect((yield* links("/p/x", { edgeClass: K.instance_of.ref })).edges).toMatchObject([{ target: leaf.id }])
        const instances = { edgeClass: K.instance_of.ref, direction: "in", limit: 1 }
        const first = yield* links(`@${leaf.id}`, instances)
        const second = yield* links(`@${leaf.id}`, { ...instances, cursor: first.next })
        expect(first.edges).toHaveLength(1)
        expect(second.edges).toHaveLength(1)
        expect(second.next).toBeUndefined()
        expect(first.edges[0].source).not.toBe(second.edges[0].source)
        expect(yield* call("/p/x::getLink", { edgeClass: K.has_parent.ref, target: "/p" })).toMatchObject({
          target: p.id
        })
      })
    )
  )

  it.effect("pages through every edge once, whatever the page", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        for (let i = 0; i < 12; i++) {
          yield* create(`/p/c${i}`, { class: D.Contact.ref, props: { email: `c${i}` } })
          yield* call(`/p/c${i}::link`, worksOn(i % 2 === 0 ? "/p" : "/q"))
        }
        yield* call("/q::link", { edgeClass: D.blocks.ref, target: "/p" })
        for (const limit of [1, 2, 3, 5, 7, 100]) {
          const seen: Array<string> = []
          let cursor: string | undefined
          do {
            const page = yield* call("/p::getLinks", {
              direction: "both",
              limit,
              ...(cursor === undefined ? {} : { cursor })
            })
            seen.push(...page.edges.map((edge: { class: string; source: string }) => `${edge.class} ${edge.source}`))
            cursor = page.next
          } while (cursor !== undefined)
          expect(seen).toHaveLength(7)
          expect(new Set(seen).size).toBe(7)
        }
      })
    )
  )
})
