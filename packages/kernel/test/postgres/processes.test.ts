import { expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import { askDatabase, describeWithPostgres } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import { Authority } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { onOneDatabase, type Process } from "./support.ts"

const unbounded = { concurrency: "unbounded" } as const

const folder = (process: Process, path: string) =>
  process.call(K.Node.createNode.path, { class: K.Folder.ref, path, props: { name: path } })

const user = (process: Process, name: string) =>
  Effect.map(process.call(K.Node.createNode.path, { class: K.User.ref, path: `/identities/${name}` }), ({ id }) =>
    Authority.identity(id)
  )

describeWithPostgres("kernels of several processes on one database", () => {
  it.effect("hold a revoke for the next operation on each of them", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const all = [yield* start, yield* start, yield* start]
      const [first] = all
      if (first === undefined) return
      yield* folder(first, "/a")
      yield* folder(first, "/a/b")
      const ada = yield* user(first, "ada")
      for (let round = 0; round < 12; round++) {
        const writer = all[round % 3] ?? first
        yield* writer.call("/identities/ada::grantPerm", { node: "/a", perms: ["READ"] })
        expect(yield* Effect.all(all.map((each) => each.code("/a/b::get", {}, ada)))).toEqual(["ok", "ok", "ok"])
        yield* writer.call("/identities/ada::revokePerm", { node: "/a", perms: ["READ"] })
        expect(yield* Effect.all(all.map((each) => each.code("/a/b::get", {}, ada)))).toEqual(
          Array.from({ length: 3 }, () => "NOT_FOUND")
        )
      }
    }).pipe(Effect.scoped)
  )

  it.effect("see each other's moves, changes, deletes and members at once", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const [a, b] = [yield* start, yield* start]
      for (const path of ["/a", "/a/x", "/b"]) yield* folder(a, path)
      const ada = yield* user(a, "ada")
      yield* a.call(K.Node.createNode.path, { class: K.Group.ref, path: "/identities/team" })
      yield* a.call("/identities/team::grantPerm", { node: "/b", perms: ["READ"] })
      for (let round = 0; round < 5; round++) {
        expect((yield* b.call("/a/x::get")).path).toBe("/a/x")
        yield* a.call("/a/x::update", { props: { name: `round ${round}` } })
        expect((yield* b.call("/a/x::get")).props[K.Named.name.key]).toBe(`round ${round}`)
        yield* a.call("/a/x::move", { to: "/b" })
        expect(yield* b.code("/a/x::get")).toBe("NOT_FOUND")
        expect((yield* b.call("/b::listChildren")).nodes).toHaveLength(1)
        expect(yield* b.code("/b/x::get", {}, ada)).toBe("NOT_FOUND")
        yield* a.call("/identities/team::addMember", { member: "/identities/ada" })
        expect(yield* b.code("/b/x::get", {}, ada)).toBe("ok")
        yield* b.call("/b/x::delete")
        expect(yield* a.code("/b/x::get", {}, ada)).toBe("NOT_FOUND")
        yield* a.call("/b/x::restore")
        yield* b.call("/identities/team::removeMember", { member: "/identities/ada" })
        expect(yield* a.code("/b/x::get", {}, ada)).toBe("NOT_FOUND")
        yield* b.call("/b/x::move", { to: "/a" })
      }
    }).pipe(Effect.scoped)
  )

  it.effect("know each other's domains as soon as they are installed, and no longer than they are", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const [a, b] = [yield* start, yield* start]
      const create = { class: D.Contact.ref, path: "/c", props: { name: "C", email: "c@example.dev" } }
      expect(yield* b.code(K.Node.createNode.path, create)).toBe("CLASS_NOT_FOUND")
      const reports = yield* Effect.all(
        [a, b].map(({ installer }) => Effect.result(installer.install(bundle))),
        unbounded
      )
      // Whoever comes while the other is at it is told; whoever comes after it does it again.
      const codes = reports.map((each) => (each._tag === "Success" ? "ok" : each.failure.code))
      expect(codes).toContain("ok")
      expect(["ok", "INSTALL_IN_PROGRESS"]).toEqual(expect.arrayContaining(codes))
      expect(yield* b.code(K.Node.createNode.path, create)).toBe("ok")
      expect((yield* a.call("/c::get")).class).toBe(D.Contact.ref)
      expect((yield* a.installer.installed).map(({ origin }) => origin)).toEqual(
        (yield* b.installer.installed).map(({ origin }) => origin)
      )
    }).pipe(Effect.scoped)
  )

  it.effect("forget all that they knew where it is not told any more what was changed, whatever that was", () =>
    Effect.gen(function* () {
      const { start, url } = yield* onOneDatabase
      const [a, b] = [yield* start, yield* start]
      for (const path of ["/a", "/a/x", "/z", "/other"]) yield* folder(a, path)
      const ada = yield* user(a, "ada")
      const { id } = yield* a.call("/a/x::get")
      for (const slug of ["team", "all"])
        yield* a.call(K.Node.createNode.path, { class: K.Group.ref, path: `/${slug}` })
      yield* a.call("/all::addMember", { member: "/team" })
      yield* a.call("/team::addMember", { member: "/identities/ada" })
      yield* a.call("/all::grantPerm", { node: "/a", perms: 1 })
      const contact = { class: D.Contact.ref, path: "/a/x/no/c" }
      const seen = Effect.gen(function* () {
        const node = yield* b.call(`@${id}::get`)
        return [
          node.path,
          node.props[K.Named.name.key],
          (yield* b.code("/a/x::get", {}, ada)) === "ok",
          (yield* b.code(`@${id}::get`, {}, ada)) === "ok",
          (yield* b.code(K.Node.createNode.path, contact)) === "NOT_FOUND"
        ]
      })
      const changes: ReadonlyArray<readonly [change: Effect.Effect<unknown, PorticoError>, sees: Array<unknown>]> = [
        [a.call("/a/x::update", { props: { name: "new" } }), ["/a/x", "new", true, true, false]],
        [a.call("/all::revokePerm", { node: "/a", perms: 1 }), ["/a/x", "new", false, false, false]],
        [a.call("/identities/ada::grantPerm", { node: "/a/x", perms: 1 }), ["/a/x", "new", true, true, false]],
        [a.call("/a/x::move", { to: "/z" }), ["/z/x", "new", false, true, false]],
        [a.call("/identities/ada::revokePerm", { node: "/z/x", perms: 1 }), ["/z/x", "new", false, false, false]],
        [a.call("/z/x::move", { to: "/a" }), ["/a/x", "new", false, false, false]],
        [a.call("/all::grantPerm", { node: "/a", perms: 1 }), ["/a/x", "new", true, true, false]],
        [a.call("/all::removeMember", { member: "/team" }), ["/a/x", "new", false, false, false]],
        [a.call("/all::addMember", { member: "/team" }), ["/a/x", "new", true, true, false]],
        [a.call("/team::delete"), ["/a/x", "new", false, false, false]],
        [a.call("/team::restore"), ["/a/x", "new", true, true, false]],
        [a.installer.install(bundle), ["/a/x", "new", true, true, true]],
        [a.installer.uninstall(bundle.contract.origin), ["/a/x", "new", true, true, false]]
      ]
      expect(yield* seen).toEqual(["/a/x", "/a/x", true, true, false])
      for (const [index, [change, sees]] of changes.entries()) {
        yield* change
        // The last row, which alone is kept, tells of something else.
        yield* a.call("/other::update", { props: { name: `${index}` } })
        const old = "DELETE FROM kernel_epochs WHERE epoch < (SELECT max(epoch) FROM kernel_epochs)"
        yield* Effect.promise(() => askDatabase(url, old))
        expect([index, yield* seen]).toEqual([index, sees])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("remember nothing of a node that was not made after all, whose number another one has got", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const [a, b] = [yield* start, yield* start]
      for (const path of ["/a", "/z"]) yield* folder(a, path)
      const ada = yield* user(a, "ada")
      yield* a.call("/identities/ada::grantPerm", { node: "/a", perms: 15 })
      const make = { op: "createNode", class: K.Folder.ref }
      const look = (node: string) => ({ op: "update", node, props: { name: "never" } })
      // Looked at by their paths and ids, and asked what she may do with them, by way of where they are.
      const made = [
        { ...make, path: "/a/n" },
        { ...make, path: "/a/n/m" },
        { ...make, parent: "/a" }
      ]
      const ops = [...made, ...["/a/n/m", "/a/n", "$0", "$1", "$2", "$2.path/none"].map(look)]
      for (let round = 0; round < 2; round++) {
        const refusal = yield* Effect.flip(a.call(K.Node.mutate.path, { ops }, ada))
        // What has no slug is called by its id.
        const [id = ""] = /[0-9a-f-]{36}/.exec(refusal.message) ?? []
        const paths = [`/z/n${round}`, `/z/n${round}/m`, `/z/o${round}`]
        for (const path of paths) yield* folder(b, path)
        for (const address of [...paths, "/a/n", "/a/n/m", `@${id}`])
          expect([address, yield* a.code(`${address}::get`, {}, ada)]).toEqual([address, "NOT_FOUND"])
        for (const address of ["/a/n", "/a/n/m", `@${id}`])
          expect([address, yield* a.code(`${address}::get`)]).toEqual([address, "NOT_FOUND"])
        for (const path of paths) expect((yield* a.call(`${path}::get`)).path).toBe(path)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("let one of them install or uninstall a domain at a time, also over several commits", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const [a, b] = [yield* start, yield* start]
      const { origin } = bundle.contract
      const inside = a.installer.alone(
        origin,
        Effect.gen(function* () {
          const told = yield* Effect.flip(b.installer.alone(origin, Effect.void))
          yield* a.installer.install(bundle)
          return [told.code, yield* b.installer.alone("other.example.dev", Effect.succeed("free"))]
        })
      )
      expect(yield* inside).toEqual(["INSTALL_IN_PROGRESS", "free"])
      expect(yield* b.installer.alone(origin, Effect.succeed("free"))).toBe("free")
      yield* Effect.exit(a.installer.alone(origin, Effect.die("lost")))
      expect(yield* b.installer.alone(origin, Effect.succeed("free"))).toBe("free")
    }).pipe(Effect.scoped)
  )

  it.effect("make one path once, and give each commit a number of its own that all of them see", () =>
    Effect.gen(function* () {
      const { start } = yield* onOneDatabase
      const all = [yield* start, yield* start, yield* start]
      const [first] = all
      if (first === undefined) return
      yield* folder(first, "/a")
      const attempts = all.flatMap((each) => Array.from({ length: 10 }, () => Effect.result(folder(each, "/a/x"))))
      const made = yield* Effect.all(attempts, unbounded)
      expect(made.filter(({ _tag }) => _tag === "Success")).toHaveLength(1)
      const answers = yield* Effect.all(
        all.flatMap((each, i) =>
          Array.from({ length: 20 }, (_, j) =>
            each.kernel.call(Authority.system, {
              path: K.Node.createNode.path,
              params: { class: K.Folder.ref, path: `/a/${i}-${j}` }
            })
          )
        ),
        unbounded
      )
      const seqs = answers.map(({ seq }) => seq)
      expect(new Set(seqs).size).toBe(60)
      for (const each of all) {
        expect(yield* each.kernel.seq).toBe(Math.max(...seqs))
        expect((yield* each.call("/a::listChildren", { limit: 100 })).nodes).toHaveLength(61)
      }
    }).pipe(Effect.scoped)
  )
})
