import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import type { Database } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, Kernel, kernelLayer } from "../src/index.ts"
import {
  call,
  create,
  digest,
  extensions,
  get,
  grant,
  migrations,
  onKernel,
  onServer,
  rows,
  user
} from "./support/kernel.ts"

const unbounded = { concurrency: "unbounded" } as const

describe("many writers at once", () => {
  it.effect("abuse 33: of one path make it once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const attempts = Array.from({ length: 100 }, () =>
          Effect.result(create("/a/x") as Effect.Effect<{ id: string }, PorticoError, Kernel>)
        )
        const results = yield* Effect.all(attempts, unbounded)
        expect(results.filter((each) => each._tag === "Success")).toHaveLength(1)
        for (const each of results) if (each._tag === "Failure") expect(each.failure.code).toBe("PATH_CONFLICT")
        const again = yield* Effect.all(
          Array.from({ length: 1_000 }, () => create("/a/y", { onConflict: "merge", props: { name: "hook" } })),
          unbounded
        )
        expect(new Set(again.map(({ id }) => id)).size).toBe(1)
        expect(again.filter(({ created }) => created)).toHaveLength(1)
        expect((yield* call("/a::listChildren")).nodes).toHaveLength(2)
      })
    )
  )

  it.effect("each get a commit number of their own, and a failing one takes nobody along", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* create("/a")
        const makes = Array.from({ length: 50 }, (_, i) =>
          Effect.result(
            kernel.call(Authority.system, {
              path: K.Node.createNode.path,
              params: { class: K.Folder.ref, path: i % 5 === 0 ? "/missing/x" : `/a/${i}` }
            })
          )
        )
        const results = yield* Effect.all(makes, unbounded)
        const seqs = results.flatMap((each) => (each._tag === "Success" ? [each.success.seq] : []))
        expect(seqs).toHaveLength(40)
        expect(new Set(seqs).size).toBe(40)
        expect(yield* kernel.seq).toBe(Math.max(...seqs))
        expect((yield* call("/a::listChildren")).nodes).toHaveLength(40)
      })
    )
  )

  it.effect("are asked for what they hold after the one before, also where both are of one commit", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        for (const path of ["/a", "/a/b", "/z"]) yield* create(path)
        const ada = yield* user("ada")
        yield* create("/identities/team", { class: K.Group.ref })
        const changes: ReadonlyArray<readonly [path: string, params: object]> = [
          [`${ada.path}::revokePerm`, { node: "/a", perms: 3 }],
          ["/identities/team::removeMember", { member: ada.path }],
          ["/identities/team::delete", {}],
          ["/a/b::move", { to: "/z" }]
        ]
        yield* grant(ada.path, "/a", 3)
        for (const [path, params] of changes) {
          if (path.startsWith("/identities/team")) {
            yield* grant("/identities/team", "/a", 3)
            yield* call("/identities/team::addMember", { member: ada.path })
          } else yield* grant(ada.path, "/a", 3)
          const update = kernel.call(ada.as, { path: "/a/b::update", params: { props: { name: path } } })
          yield* update
          const change = kernel.call(Authority.system, { path, params })
          const [{ seq }, other] = yield* Effect.all([change, Effect.result(update)], unbounded)
          // Across a network the second may come first; then it is one that the change comes after.
          if (other._tag === "Success") expect([path, other.success.seq < seq]).toEqual([path, true])
          else expect([path, other.failure.code]).toEqual([path, "NOT_FOUND"])
          if (path.endsWith("::delete")) yield* call(`${path.replace("::delete", "::restore")}`)
          if (path.endsWith("::delete")) yield* call("/identities/team::removeMember", { member: ada.path })
        }
      })
    )
  )

  it.effect("of one commit are seen together by whoever goes on while another is not answered yet", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        for (const path of ["/a", "/a/m", "/z", "/first"]) yield* create(path, { props: { name: path } })
        const { id } = yield* create("/a/n", { props: { name: "n" } })
        const ada = yield* user("ada")
        yield* create("/identities/team", { class: K.Group.ref })
        yield* grant("/identities/team", "/z", 1)
        const ask = (path: string, params: object = {}) =>
          [undefined, ada.as].map((as) =>
            Effect.match(call(path, params, as), {
              onSuccess: (result) => JSON.stringify(result),
              onFailure: (error) => (error as PorticoError).message
            })
          )
        const seen = Effect.all([
          ...["/a/n", "/z/n", `@${id}`, "/a/new"].flatMap((node) => ask(`${node}::get`)),
          ...["/a", "/z"].flatMap((node) => ask(`${node}::listChildren`)),
          ...ask(K.Node.query.path, { start: { class: K.Folder.ref, where: { name: { startsWith: "n" } } } }),
          ...ask(K.Node.query.path, { start: { search: "n" } }),
          ...ask("/first::getLinks", { edgeClass: K.has_parent.ref, with: "nodes" }),
          ...ask(K.Identity.listAccessible.path, { perms: 1, class: K.Folder.ref }),
          ...ask(K.Identity.whoami.path),
          ...["/a/n", "/z", `@${id}`].map((node) => kernel.mask(ada.as, node))
        ])
        const change = (path: string, params: object) => kernel.call(Authority.system, { path, params })
        const changes: ReadonlyArray<Parameters<typeof change>> = [
          ["/a/n::update", { props: { name: "new" } }],
          [K.Node.createNode.path, { class: K.Folder.ref, path: "/a/new", props: { name: "new" } }],
          [`${ada.path}::grantPerm`, { node: "/a", perms: 3 }],
          ["/identities/team::addMember", { member: ada.path }],
          ["/a/n::move", { to: "/z" }],
          [`${ada.path}::revokePerm`, { node: "/a", perms: 1 }],
          ["/z/n::delete", {}],
          ["/z/n::restore", {}],
          ["/identities/team::removeMember", { member: ada.path }],
          ["/z/n::move", { to: "/a" }]
        ]
        for (const [path, params] of onServer ? changes.slice(0, 3) : changes) {
          const before = yield* seen
          const window = Effect.gen(function* () {
            yield* change("/first::update", { props: { name: path } })
            return [yield* kernel.seq, yield* seen] as const
          })
          const [[at, between], { seq }] = yield* Effect.all([window, change(path, params)], unbounded)
          const after = yield* seen
          expect([path, after]).not.toEqual([path, before])
          // Across a network it may be another commit, which comes later.
          if (!onServer) expect([path, at]).toEqual([path, seq])
          if (at >= seq) expect([path, between]).toEqual([path, after])
        }
      })
    )
  )

  it.effect("are each answered with the number of the commit that the answer is of", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const [first] = [yield* create("/a"), yield* create("/b")]
        // With keys all of them are writes from the first.
        const update = (path: string, name: string, idempotencyKey: string) =>
          kernel.call(Authority.system, { path: `${path}::update`, params: { props: { name } }, idempotencyKey })
        const read = kernel.call(Authority.system, { path: "/b::get" })
        for (const name of ["one", "two"]) {
          const answers = yield* Effect.all(
            // The second changes nothing any more, and the third reads what the fourth has done, which is not answered yet.
            [
              update("/a", name, `${name}-1`),
              update("/a", name, `${name}-2`),
              Effect.andThen(update("/a", "x", `${name}-3`), read),
              update("/b", name, `${name}-4`)
            ],
            unbounded
          )
          for (const { result, seq } of answers) {
            // Boundary: each is a node.
            const { rev } = result as { readonly rev: number }
            expect([rev > first.rev, seq >= rev]).toEqual([true, true])
          }
        }
      })
    )
  )

  it.effect("never make a reader see what was rolled back or not committed", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/b")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 1)
        const writer = Effect.gen(function* () {
          for (let i = 0; i < 40; i++) {
            yield* create(`/a/${i}`)
            yield* call(`/a/${i}::move`, { to: "/b" })
            yield* Effect.result(create("/b/nowhere/x"))
            yield* call(`/b/${i}::delete`)
          }
        })
        const reader = Effect.gen(function* () {
          for (let i = 0; i < 400; i++) {
            const { nodes } = yield* call("/a::listChildren", {}, ada.as)
            for (const node of nodes) expect(node.path).toBe(`/a/${node.slug}`)
            // Ada may READ /a only; whatever is in /b just now must not come out under any address.
            for (let j = 0; j < 40; j++) {
              const found = yield* Effect.result(get(`/b/${j}`, ada.as))
              expect(found._tag).toBe("Failure")
            }
            yield* Effect.yieldNow
          }
        })
        yield* Effect.all([writer, reader], unbounded)
      })
    )
  )

  it.effect("an interrupted writer leaves the caches as true as the store", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        for (let i = 0; i < 20; i++) {
          yield* Effect.all([call("/a::update", { props: { name: `n${i}` } }), Effect.void], unbounded).pipe(
            Effect.raceFirst(Effect.void)
          )
          const [stored] = yield* rows("SELECT props FROM nodes WHERE slug = 'a'")
          expect(JSON.stringify((yield* get("/a")).props)).toBe(stored?.props)
        }
      })
    )
  )
})

describe("a store on disk", () => {
  it.effect("is the same after a restart, and booting it again writes nothing", () => {
    const folder = mkdtempSync(join(tmpdir(), "kernel-"))
    const layer = kernelLayer().pipe(
      Layer.provideMerge(SqliteDatabase.layer({ filename: join(folder, "data.db"), migrations })),
      Layer.provide(extensions())
    )
    const open = <A, E>(use: Effect.Effect<A, E, Kernel | Database>) => Effect.provide(use, layer, { local: true })
    return Effect.gen(function* () {
      const first = yield* open(
        Effect.gen(function* () {
          const node = yield* create("/a", { props: { name: "kept" } })
          for (const slug of ["1", "2", "3"]) yield* create(`/a/${slug}`)
          const { next } = yield* call("/a::listChildren", { limit: 1 })
          return { node, next, seq: yield* (yield* Kernel).seq, dump: yield* digest }
        })
      )
      yield* open(
        Effect.gen(function* () {
          expect(yield* digest).toBe(first.dump)
          expect(yield* (yield* Kernel).seq).toBe(first.seq)
          expect((yield* get("/a")).id).toBe(first.node.id)
          expect((yield* call("/a::listChildren", { cursor: first.next })).nodes).toHaveLength(2)
          const next = yield* create("/b")
          expect(next.rev).toBe(first.seq + 1)
          expect(next.id > first.node.id).toBe(true)
        })
      )
    }).pipe(Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true }))))
  })
})
