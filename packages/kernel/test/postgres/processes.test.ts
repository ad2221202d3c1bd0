import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import { describeWithPostgres } from "@portico/test-support/postgres"
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
