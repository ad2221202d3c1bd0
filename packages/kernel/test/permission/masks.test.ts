import { expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Authority, Kernel } from "../../src/index.ts"
import { call, create, grant, onKernel, onServer, rows } from "../support/kernel.ts"
import { oracleBounded, oracleMask, type World } from "../support/oracle.ts"

const nodes = 8
const groups = 5
const index = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))
const mask = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 15 }))

const step = Schema.Union([
  Schema.Struct({ do: Schema.Literal("grant"), who: index(groups), on: index(nodes), mask }),
  Schema.Struct({ do: Schema.Literal("revoke"), who: index(groups), on: index(nodes), mask }),
  Schema.Struct({ do: Schema.Literal("join"), who: index(groups), group: index(groups) }),
  Schema.Struct({ do: Schema.Literal("leave"), who: index(groups), group: index(groups) }),
  Schema.Struct({ do: Schema.Literal("move"), node: index(nodes), to: index(nodes) })
])

/** The same facts as in the store, changed by the same steps. */
class Mirror {
  readonly parents = new Map<number, number | undefined>()
  readonly #members = new Map<string, readonly [number, number]>()
  readonly #grants = new Map<string, readonly [number, number, number]>()

  get world(): World {
    return { parents: this.parents, memberships: [...this.#members.values()], grants: [...this.#grants.values()] }
  }
  join(member: number, group: number): void {
    this.#members.set(`${member} ${group}`, [member, group])
  }
  leave(member: number, group: number): void {
    this.#members.delete(`${member} ${group}`)
  }
  change(who: number, on: number, change: (before: number) => number): void {
    const key = `${who} ${on}`
    this.#grants.set(key, [who, on, change(this.#grants.get(key)?.[2] ?? 0)])
  }
  isUnder(node: number, top: number): boolean {
    const parent = this.parents.get(node)
    return node === top || (parent !== undefined && this.isUnder(parent, top))
  }
}

/** Identities are numbered from 100, so that they are never taken for nodes. */
const identity = (number: number) => 100 + number

it.effect.prop(
  "what the kernel answers after any grants, revokes, memberships and moves is what the oracle says",
  [
    Schema.Array(step).check(Schema.isMaxLength(14)),
    Schema.Array(index(nodes)).check(Schema.isMinLength(nodes), Schema.isMaxLength(nodes))
  ],
  ([steps, parents]) =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const mirror = new Mirror()
        const ids: Array<string> = []
        for (let node = 0; node < nodes; node++) {
          const parent = node === 0 ? undefined : (parents[node] ?? 0) % node
          mirror.parents.set(node, parent)
          const made = yield* call(K.Node.createNode.path, {
            class: K.Folder.ref,
            parent: parent === undefined ? "/" : `@${ids[parent]}`,
            slug: `n${node}`
          })
          ids.push(made.id)
        }
        const who: Array<string> = []
        for (let each = 0; each < groups; each++) {
          who.push((yield* create(`/identities/g${each}`, { class: K.Group.ref })).id)
        }
        const check = Effect.gen(function* () {
          for (let each = 0; each < groups; each++) {
            for (let node = 0; node < nodes; node++) {
              const id = who[each] ?? ""
              const expected = oracleMask(mirror.world, [identity(each)], node)
              expect(yield* kernel.mask(Authority.identity(id), `@${ids[node]}`)).toBe(expected)
              const bounds = [{ tops: [1, 2], perms: 7 }]
              const bounded = Authority.narrow(Authority.identity(id), {
                nodes: [ids[1] ?? "", ids[2] ?? ""],
                perms: 7
              })
              expect(yield* kernel.mask(bounded, `@${ids[node]}`)).toBe(
                oracleBounded(mirror.world, expected, bounds, node)
              )
            }
          }
        })
        for (const each of steps) {
          if (each.do === "grant" || each.do === "revoke") {
            const path = each.do === "grant" ? "grantPerm" : "revokePerm"
            yield* call(`@${who[each.who]}::${path}`, { node: `@${ids[each.on]}`, perms: each.mask })
            mirror.change(identity(each.who), each.on, (old) =>
              each.do === "grant" ? old | each.mask : old & ~each.mask
            )
          } else if (each.do === "move") {
            if (each.node === 0 || mirror.isUnder(each.to, each.node)) continue
            yield* call(`@${ids[each.node]}::move`, { to: `@${ids[each.to]}` })
            mirror.parents.set(each.node, each.to)
          } else {
            const method = each.do === "join" ? "addMember" : "removeMember"
            yield* call(`@${who[each.group]}::${method}`, { member: `@${who[each.who]}` })
            if (each.do === "join") mirror.join(identity(each.who), identity(each.group))
            else mirror.leave(identity(each.who), identity(each.group))
          }
          yield* check
        }
      })
    ),
  { arbitrary: { runs: onServer ? 12 : 30 }, timeout: 300_000 }
)

it.effect("everyone counts for callers without a credential, authenticated for those with one", () =>
  onKernel(
    Effect.gen(function* () {
      const kernel = yield* Kernel
      yield* create("/a")
      const { id } = yield* create("/identities/u", { class: K.User.ref })
      yield* grant("/identities/everyone", "/a", ["READ"])
      yield* grant("/identities/authenticated", "/a", ["USE"])
      expect(yield* kernel.mask(Authority.anonymous, "/a")).toBe(1)
      expect(yield* kernel.mask(Authority.identity(id), "/a")).toBe(5)
    })
  )
)

it.effect("an identity that is gone is nobody, not somebody who showed a credential", () =>
  onKernel(
    Effect.gen(function* () {
      const kernel = yield* Kernel
      const { id } = yield* create("/identities/u", { class: K.User.ref })
      yield* create("/a")
      yield* grant("/identities/authenticated", "/a", 1)
      expect(yield* kernel.mask(Authority.identity(id), "/a")).toBe(1)
      yield* call("/identities/u::delete")
      expect(yield* kernel.mask(Authority.identity(id), "/a")).toBe(0)
    })
  )
)

it.effect(
  "abuse 23: 10,000 groups around one another and 10,000 grants on one node give the right mask in bounded time",
  () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const { write } = yield* Database
        yield* create("/a")
        yield* create("/a/b")
        const first = yield* create("/identities/g0", { class: K.Group.ref })
        yield* grant("/identities/g0", "/a", 1)
        const keys = new Map((yield* rows("SELECT slug, key FROM nodes")).map(({ slug, key }) => [slug, Number(key)]))
        const top = keys.get("g0") ?? 0
        const key = (ref: string) => {
          const slug = ref.slice(ref.indexOf(":") + 1)
          return keys.get(slug) ?? 0
        }
        const a = keys.get("a") ?? 0
        const identities = keys.get("identities") ?? 0
        yield* write((tx) =>
          Effect.sync(() => {
            const node = tx.prepare(
              "INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES (?, ?, ?, ?, ?, 1, 0, 0, '{}')"
            )
            const edge = tx.prepare(
              "INSERT INTO edges (class, source, target, slug, mask, rev, props) VALUES (?, ?, ?, '', ?, 1, '{}')"
            )
            for (let i = 1; i < 10_000; i++) node.run(top + i, `g${i}`, identities, `g${i}`, key(K.Group.ref))
            for (let i = 0; i < 10_000; i++) {
              edge.run(key(K.member_of.ref), top + i, top + ((i + 1) % 10_000), null)
              if (i > 0) edge.run(key(K.has_perm.ref), top + i, a, i === 9_999 ? 3 : 1)
            }
          })
        )
        // These were written past the kernel; a grant of its own makes it forget what it remembered.
        yield* grant("/identities/everyone", "/a/b", 4)
        expect(yield* kernel.mask(Authority.identity(first.id), "/a/b")).toBe(7)
        expect(yield* kernel.mask(Authority.anonymous, "/a/b")).toBe(4)
      })
    )
)
