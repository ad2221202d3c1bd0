import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { maxDeleted } from "../../src/internal/ops/remove.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

describe("delete", () => {
  it.effect("takes a node with all its edges; with recursive also what is below it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        yield* create("/p/c", { class: D.Contact.ref, props: { email: "a" } })
        yield* create("/q", { class: D.Project.ref, props: { title: "Q" } })
        yield* call("/p/c::link", { edgeClass: D.works_on.ref, target: "/q", props: { role: "r" } })
        expect(yield* refused("/p::delete")).toMatchObject({ code: "NOT_EMPTY" })
        expect(yield* call("/p::delete", { recursive: true })).toEqual({ deleted: 2 })
        expect((yield* refused("/p/c::get")).code).toBe("NOT_FOUND")
        expect((yield* call("/q::getLinks", { direction: "both" })).edges).toEqual([])
        expect((yield* refused("/p::delete")).code).toBe("NOT_FOUND")
        yield* create("/p", { class: D.Project.ref, props: { title: "again" } })
        expect((yield* get("/p")).props[D.Project.title.key]).toBe("again")
      })
    )
  )

  it.effect("takes grants and memberships along at once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/identities/team", { class: "kernel.portico.dev:class.Group" })
        const ada = yield* user("ada")
        yield* call("/identities/team::addMember", { member: ada.path })
        yield* grant("/identities/team", "/a", ["READ"])
        yield* get("/a", ada.as)
        yield* call("/identities/team::delete")
        expect((yield* refused("/a::get", undefined, ada.as)).code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("refuses what the kernel is built on", () =>
    onKernel(
      Effect.gen(function* () {
        const before = yield* digest
        for (const path of ["/", "/identities", "/identities/everyone", "/identities/authenticated"]) {
          expect((yield* refused(`${path}::delete`, { recursive: true })).code).toBe("CONSTRAINT_VIOLATED")
        }
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("of more nodes than one call may take is refused whole", () =>
    onKernel(
      Effect.gen(function* () {
        const { embedded } = yield* Database
        const { id } = yield* create("/big")
        const top = embedded.read.prepare("SELECT key, class FROM nodes WHERE id = ?").get(id)
        yield* embedded.write((tx) =>
          Effect.sync(() => {
            const insert = tx.prepare(
              "INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES (?, ?, ?, ?, ?, 1, 0, 0, '{}')"
            )
            for (let i = 0; i < maxDeleted; i++) {
              insert.run(1_000_000 + i, `i${i}`, top?.key ?? null, `s${i}`, top?.class ?? null)
            }
          })
        )
        expect(yield* refused("/big::delete", { recursive: true })).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "deleted", max: maxDeleted }
        })
        yield* call("/big/s0::delete")
        expect(yield* call("/big::delete", { recursive: true })).toEqual({ deleted: maxDeleted })
      })
    )
  )
})
