import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { type Authority, Kernel } from "../../src/index.ts"
import { at } from "../model/choose.ts"
import { bundle, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import {
  call,
  create,
  digest,
  get,
  grant,
  install,
  onKernel,
  onServer,
  refused,
  rows,
  user
} from "../support/kernel.ts"

const seq = Effect.flatMap(Kernel, (kernel) => kernel.seq)
/** Fewer on a server, where each statement is a way there and back. */
const rounds = onServer ? 8 : 40

const contact = (path: string, email: string, rest: object = {}) =>
  create(path, { class: D.Contact.ref, props: { email }, ...rest })

/** Ids, places, props and links of everything below a node. */
const picture = Effect.fnUntraced(function* (top: string) {
  const found: Array<readonly [path: string, id: string, props: string, links: ReadonlyArray<string>]> = []
  for (const above = [top]; above.length > 0; ) {
    const { nodes } = yield* call(`${above.shift()}::listChildren`)
    for (const { class: ref, id, path, props } of nodes) {
      if (ref.startsWith("kernel") && ref !== K.Folder.ref) continue
      const { edges } = yield* call(`@${id}::getLinks`, {})
      const links = edges.map((edge: { class: string; target: string; props: object }) =>
        JSON.stringify([edge.class, edge.target, edge.props])
      )
      found.push([path, id, JSON.stringify(props), links.sort()])
      above.push(path)
    }
  }
  return found.sort()
})

const back = (path: string, to: number, rest: object = {}, as?: Authority) =>
  call(`${path}::restore`, { seq: to, recursive: true, ...rest }, as)

const stored = Effect.gen(function* () {
  yield* install(bundle)
  for (const path of ["/top", "/top/a", "/top/b", "/top/a/inner", "/elsewhere"]) yield* create(path)
  yield* contact("/top/a/ada", "ada@x.example")
  yield* contact("/top/b/bob", "bob@x.example")
  yield* contact("/elsewhere/eve", "eve@x.example")
  yield* create("/p", { class: D.Project.ref, props: { title: "p" } })
  yield* create("/q", { class: D.Project.ref, props: { title: "q" } })
  yield* call("/top/a/ada::link", { edgeClass: D.works_on.ref, target: "/p", props: { role: "one" } })
  yield* call("/top/b/bob::link", { edgeClass: D.works_on.ref, target: "/p", props: { role: "two" } })
  yield* call("/top/a/ada::link", { edgeClass: D.knows.ref, target: "/elsewhere/eve" })
  return yield* seq
})

/** Lets the sweep have its writes, which come a turn of the event loop apart. */
const emptyTrash = Effect.gen(function* () {
  yield* TestClock.adjust("31 days")
  for (let turns = 0; turns < 10_000 && (yield* rows("SELECT 1 AS one FROM trash LIMIT 1")).length > 0; turns++) {
    yield* Effect.yieldNow
    if (turns % 100 === 99) yield* TestClock.adjust("1 hour")
  }
})

/** Numbers that look random and are the same every time (Numerical Recipes' constants). */
const draws = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One of the changes that there are, at some of the contacts that were ever made; many are refused. */
const anything = Effect.fnUntraced(function* (draw: (below: number) => number, known: Array<string>) {
  const one = () => `@${known[draw(known.length)]}`
  const slug = "abcd".charAt(draw(4))
  const email = `${draw(8)}@x.example`
  const edge = { edgeClass: D.knows.ref, target: one() }
  switch (draw(9)) {
    case 0:
    case 1:
    case 2: {
      const parent = yield* get(draw(3) > 0 ? one() : "/top")
      known.push((yield* contact(`${parent.path}/${slug}`, email)).id)
      return
    }
    case 3:
    case 4:
      return yield* call(`${one()}::move`, { to: draw(3) > 0 ? one() : at(["/top", "/out"], draw(2)), slug })
    case 5:
      return yield* call(`${one()}::delete`, { recursive: true })
    case 6:
      return yield* call(`${one()}::update`, { props: { email } })
    case 7:
      return yield* call(`${one()}::link`, edge)
    default:
      return yield* call(`${one()}::${draw(2) === 0 ? "unlink" : "restore"}`, draw(2) === 0 ? edge : {})
  }
})

type Picture = Effect.Success<ReturnType<typeof picture>>

/** Without what leads elsewhere: that stays as it is where the other node is gone. */
const within = (nodes: Picture) => {
  const ids = nodes.map(([, id]) => id)
  return nodes.map(([path, id, props, links]) => [
    path,
    id,
    props,
    links.filter((link) => ids.filter((other) => link.includes(other)).length === (link.includes(id) ? 2 : 1))
  ])
}

describe("a restore of everything below a node", () => {
  it.effect("undoes moves, deletes, values and links, however they are mixed, and can be undone itself", () =>
    onKernel(
      Effect.gen(function* () {
        const then = yield* stored
        const before = yield* picture("/top")
        // Two that changed places, and the values that have to be unique along with them.
        yield* call("/top/a::move", { to: "/top", slug: "tmp" })
        yield* call("/top/b::move", { to: "/top", slug: "a" })
        yield* call("/top/tmp::move", { to: "/top/a", slug: "b" })
        yield* call("/top/a/bob::update", { props: { email: "tmp@x.example" } })
        yield* call("/top/a/b/ada::update", { props: { email: "bob@x.example" } })
        yield* call("/top/a/bob::update", { props: { email: "ada@x.example" } })
        // What is new, with what came in and what was there inside of it.
        yield* create("/top/new")
        yield* call("/elsewhere/eve::move", { to: "/top/new" })
        yield* call("/top/a/b/inner::move", { to: "/top/new" })
        yield* call("/top/a/b/ada::move", { to: "/elsewhere" })
        yield* call("/top/new::delete", { recursive: true })
        yield* create("/top/a/inner")
        // Links.
        yield* call("/elsewhere/ada::unlink", { edgeClass: D.works_on.ref, target: "/p" })
        yield* call("/elsewhere/ada::link", { edgeClass: D.works_on.ref, target: "/q", props: { role: "new" } })
        yield* call("/top/a/bob::updateLink", { edgeClass: D.works_on.ref, target: "/p", props: { role: "other" } })
        yield* call("/top/a::delete", { recursive: true })
        const late = yield* seq
        yield* back("/top", then)
        const after = yield* picture("/top")
        expect(after.map(([path]) => path)).toEqual(before.map(([path]) => path))
        // Eve was not below it, and stays in the trash: what leads to her is not seen.
        const isSeen = (link: string) => !link.includes(D.knows.ref)
        expect(after).toEqual(before.map(([path, id, props, links]) => [path, id, props, links.filter(isSeen)]))
        expect(yield* violations).toEqual([])
        const now = yield* seq
        yield* back("/top", now)
        expect(yield* seq).toBe(now)
        yield* back("/top", late)
        expect(yield* picture("/top")).toEqual([])
        yield* back("/top", now)
        expect(yield* picture("/top")).toEqual(after)
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("sends what came in back to where it was, and what is new into the trash without it", () =>
    onKernel(
      Effect.gen(function* () {
        const then = yield* stored
        const before = yield* picture("/")
        yield* create("/top/new")
        yield* create("/top/new/more")
        yield* call("/elsewhere/eve::move", { to: "/top/new/more" })
        yield* call("/top/new/more/eve::update", { props: { company: "kept" } })
        yield* call("/top/b::move", { to: "/elsewhere", slug: "eve" })
        yield* back("/top", then)
        const eve = yield* get("/elsewhere/eve")
        expect(eve.props).toMatchObject({ [D.Contact.company.key]: "kept" })
        expect((yield* picture("/")).map(([path, id]) => [path, id])).toEqual(before.map(([path, id]) => [path, id]))
        const { deleted } = yield* call(K.Node.listTrash.path)
        expect(deleted.map(({ path }: { path: string }) => path)).toEqual(["/top/new"])
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("is all or nothing: what is gone, taken, in the way or not the caller's is refused and said", () =>
    onKernel(
      Effect.gen(function* () {
        const then = yield* stored
        const { rev } = yield* get("/top")
        expect((yield* refused("/top::restore", { seq: then, recursive: true, ifRev: rev + 1 })).code).toBe(
          "REV_CONFLICT"
        )
        expect((yield* refused("/top::restore", { seq: 0, recursive: true })).code).toBe("CHANGES_EXPIRED")
        yield* create("/secret")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/top", ["READ", "EDIT"])
        yield* call("/top/b::move", { to: "/secret" })
        yield* call("/top/a::update", { props: { name: "new" } })
        const before = yield* digest
        const hidden = yield* refused("/top::restore", { seq: then, recursive: true }, ada.as)
        expect([hidden.code, hidden.details]).toEqual(["NOT_FOUND", { below: "/b" }])
        expect(yield* digest).toBe(before)
        yield* grant(ada.path, "/secret/b", ["READ"])
        expect((yield* refused("/top::restore", { seq: then, recursive: true }, ada.as)).code).toBe("PERMISSION_DENIED")
        yield* grant(ada.path, "/secret", ["READ", "EDIT"])
        yield* back("/top", then, {}, ada.as)
        yield* call("/top/b/bob::update", { props: { email: "new@x.example" } })
        yield* contact("/elsewhere/thief", "bob@x.example")
        const unchanged = yield* digest
        const taken = yield* refused("/top::restore", { seq: then, recursive: true })
        expect(taken.code).toBe("CONSTRAINT_VIOLATED")
        expect(yield* digest).toBe(unchanged)
      })
    )
  )

  it.effect("is refused where something of it was removed from the trash for good", () =>
    onKernel(
      Effect.gen(function* () {
        const then = yield* stored
        yield* call("/top/b::delete", { recursive: true })
        yield* emptyTrash
        const gone = yield* refused("/top::restore", { seq: then, recursive: true })
        expect([gone.code, gone.details]).toEqual(["NOT_FOUND", { below: "/b" }])
      })
    )
  )

  it.effect("gives what there was after any commit, whatever happened since", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const path of ["/top", "/out"]) yield* create(path)
        const draw = draws(7)
        const known = [(yield* contact("/top/first", "first@x.example")).id]
        const states: Array<readonly [seq: number, nodes: Picture]> = []
        const outcomes: Array<string> = []
        for (let round = 0; round < rounds; round++) {
          for (let i = 0; i < 10; i++) yield* Effect.ignore(anything(draw, known))
          states.push([yield* seq, yield* picture("/top")])
          const [then, wanted] = at(states, draw(states.length))
          outcomes.push(
            yield* back("/top", then).pipe(
              Effect.as("ok"),
              // What was elsewhere may be gone or taken by now.
              Effect.catchTag(["NOT_FOUND", "PATH_CONFLICT", "CONSTRAINT_VIOLATED"], ({ code }) => Effect.succeed(code))
            )
          )
          if (outcomes.at(-1) === "ok") expect(within(yield* picture("/top"))).toEqual(within(wanted))
        }
        expect(outcomes.filter((outcome) => outcome === "ok").length).toBeGreaterThan(rounds / 2)
        expect(yield* violations).toEqual([])
      })
    )
  )
})
