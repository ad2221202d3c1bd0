import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Change } from "../../src/internal/changes/Change.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, install, onKernel, onServer } from "../support/kernel.ts"
import { byId, byKey, Replay } from "../support/replay.ts"
import { seqNow, told, watch } from "../support/watch.ts"

/** Numbers that look random and are the same each time. */
const numbers = (seed: number) => {
  let at = seed * 2654435761 + 1
  return (below: number) => {
    at = (at * 1103515245 + 12345) % 2147483648
    return Math.floor((at / 2147483648) * below)
  }
}

interface Made {
  readonly folders: Array<string>
  readonly contacts: Array<string>
  readonly projects: Array<string>
}

/** One writer: does what comes up, and never mind what is refused. */
const writer = (seed: number, ids: Made, steps: number) =>
  Effect.gen(function* () {
    const pick = numbers(seed)
    const one = (of: ReadonlyArray<string>) => `@${of[pick(of.length)]}`
    const any = () => one([...ids.folders, ...ids.contacts, ...ids.projects])
    // Not the first folder, which everything is in.
    const inner = () => one([...ids.folders.slice(1), ...ids.contacts, ...ids.projects])
    for (let step = 0; step < steps; step++) {
      const slug = `${seed}-${step}`
      const make = (into: Array<string>, ref: string, props: object) =>
        create("", { path: undefined, parent: any(), slug, class: ref, props }).pipe(
          Effect.tap(({ id }) => Effect.sync(() => into.push(id)))
        )
      const link = { edgeClass: D.works_on.ref, target: one(ids.projects) }
      const steps = [
        () => make(ids.folders, K.Folder.ref, { name: slug }),
        () => make(ids.projects, D.Project.ref, { title: slug }),
        () => make(ids.contacts, D.Contact.ref, { email: slug }),
        () => call(`${inner()}::update`, { props: { name: slug } }),
        () => call(`${one(ids.folders.slice(1))}::update`, { props: { name: slug } }),
        () => call(`${inner()}::move`, { to: any() }),
        () => call(`${inner()}::delete`, { recursive: pick(2) === 0 }),
        () => call(`${inner()}::restore`),
        () => call(`${inner()}::restore`),
        () => call(`${one(ids.contacts)}::link`, { ...link, props: { role: slug }, onConflict: "merge" }),
        () => call(`${one(ids.contacts)}::link`, { ...link, props: { role: slug } }),
        () => call(`${one(ids.contacts)}::unlink`, link),
        () => call("/w/team::grantPerm", { node: inner(), perms: 1 + pick(15) }),
        () => call("/w/team::revokePerm", { node: inner(), perms: 1 + pick(15) }),
        () => call("/w/team::addMember", { member: "/w/ada" }),
        () => call("/w/team::removeMember", { member: "/w/ada" })
      ]
      yield* Effect.ignore(Effect.suspend(() => steps[pick(steps.length)]?.() ?? Effect.void))
    }
  })

/** What a reader finds below a path, in the form of a replay's state. */
const actual = Effect.fnUntraced(function* (top: string) {
  const nodes: Array<{ id: string; path: string; class: string; props: object }> = []
  const { nodes: found } = yield* call(`${top}::getTree`, { limit: 1000 })
  for (const { id, path, class: ref, props } of found) nodes.push({ id, path, class: ref, props })
  const edges = new Map<string, object>()
  for (const { id } of nodes) {
    const { edges: found } = yield* call(`@${id}::getLinks`, { direction: "both", limit: 1000 })
    for (const edge of found) edges.set(`${edge.class} ${edge.source} ${edge.target} ${edge.slug ?? ""}`, edge.props)
  }
  const ids = new Set(nodes.map(({ id }) => id))
  const isInside = ([key]: readonly [string, object]) =>
    key
      .split(" ")
      .slice(1, 3)
      .every((id) => ids.has(id))
  return { nodes: nodes.sort(byId), edges: [...edges].filter(isInside).sort(byKey) }
})

const everyKind = [
  "addMember",
  "create",
  "delete",
  "grant",
  "link",
  "move",
  "removeMember",
  "restore",
  "revoke",
  "unlink",
  "update",
  "updateLink"
]

const order = ({ part, seq }: Change): number => seq * 10_000 + part

describe("changes, replayed into a copy", () => {
  it.effect(
    "of what concurrent writers did, each exactly once and in order, give the graph itself",
    () => {
      const kinds = new Set<string>()
      return Effect.forEach(
        onServer ? [1, 2] : [1, 2, 3, 4, 5, 6],
        (seed) =>
          onKernel(
            Effect.gen(function* () {
              yield* install(bundle)
              const since = yield* seqNow
              const { id } = yield* create("/w", { class: K.Folder.ref })
              yield* create("/w/team", { class: K.Group.ref })
              yield* create("/w/ada", { class: K.User.ref })
              const contact = yield* create("/w/c", { class: D.Contact.ref, props: { email: "c" } })
              const project = yield* create("/w/p", { class: D.Project.ref, props: { title: "p" } })
              // Writers seldom hit on an edge that there is.
              yield* call("/w/c::link", { edgeClass: D.works_on.ref, target: "/w/p", props: { role: "r" } })
              yield* call("/w/c::unlink", { edgeClass: D.works_on.ref, target: "/w/p" })
              const ids: Made = { folders: [id], contacts: [contact.id], projects: [project.id] }
              yield* Effect.all(
                [0, 1, 2, 3].map((n) => writer(seed * 10 + n, ids, 80)),
                { concurrency: "unbounded" }
              )
              const changes = yield* told({ since })
              const orders = changes.map(order)
              expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b))
              for (const { op } of changes) kinds.add(op)
              const replay = new Replay()
              for (const change of changes) replay.apply(change)
              expect(replay.state).toEqual(yield* actual("/w"))
              expect(replay.state.edges.length).toBeGreaterThan(0)

              // Resumed anywhere, it goes on with just the rest.
              for (const change of changes.filter((_, i) => i % 37 === 0)) {
                const rest = changes.filter(({ seq }) => seq > change.seq)
                const again = Stream.take(yield* watch({ since: change.seq }), rest.length)
                expect(yield* Stream.runCollect(again)).toEqual(rest)
              }
            })
          ),
        { discard: true }
      ).pipe(
        Effect.tap(() =>
          // Or else the writers were refused everything.
          Effect.sync(() => expect([...kinds].sort()).toEqual(everyKind))
        )
      )
    },
    60_000
  )
})
