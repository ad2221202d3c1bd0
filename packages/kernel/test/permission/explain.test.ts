import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call, create, grant, onKernel, refused, user } from "../support/kernel.ts"

const explain = K.Identity.explainPerm.path

it.effect("tells which grant, on which ancestor, through which groups, and what is missing", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/plans")
      yield* create("/plans/2027")
      const ada = yield* user("ada")
      yield* create("/identities/team", { class: K.Group.ref })
      yield* create("/identities/staff", { class: K.Role.ref })
      yield* call("/identities/team::addMember", { member: ada.path })
      yield* call("/identities/staff::addMember", { member: "/identities/team" })
      yield* grant("/identities/staff", "/plans", ["READ"])
      yield* grant(ada.path, "/plans/2027", ["USE"])
      const why = yield* call(explain, { node: "/plans/2027", perms: ["READ", "EDIT"] }, ada.as)
      expect(why).toMatchObject({ allowed: false, mask: 5, missing: ["EDIT"] })
      expect(why.halves).toMatchObject([
        {
          half: "caller",
          mask: 5,
          granted: 5,
          more: false,
          bounds: [],
          grants: [
            { perms: ["USE"], node: "/plans/2027", inherited: false, identity: ada.path, through: [] },
            {
              perms: ["READ"],
              node: "/plans",
              inherited: true,
              identity: "/identities/staff",
              through: ["/identities/team", "/identities/staff"]
            }
          ]
        }
      ])
    })
  )
)

it.effect("counts a grant on an ancestor that the asker may not manage, without saying where it is", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/secret")
      yield* create("/secret/open")
      const [ada, bob] = [yield* user("ada"), yield* user("bob")]
      yield* create("/identities/hidden", { class: K.Group.ref })
      yield* call("/identities/hidden::addMember", { member: bob.path })
      yield* grant("/identities/hidden", "/secret", ["EDIT"])
      yield* grant(ada.path, "/secret/open", ["READ", "SHARE"])
      yield* grant(ada.path, bob.path, ["READ"])
      const about = { identity: bob.path, node: "/secret/open", perms: ["EDIT"] }
      const why = yield* call(explain, about, ada.as)
      expect(why).toMatchObject({ allowed: true, mask: 2 })
      expect(why.halves[0].grants).toEqual([{ perms: ["EDIT"], mask: 2, inherited: true, through: [] }])
      // Whoever may manage grants up there sees all of it.
      expect((yield* call(explain, about)).halves[0].grants).toMatchObject([
        { node: "/secret", identity: "/identities/hidden" }
      ])
    })
  )
)

it.effect("asks for the same rights as checkPerm", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const [ada, bob] = [yield* user("ada"), yield* user("bob")]
      const about = { identity: bob.path, node: "/a", perms: 1 }
      expect((yield* refused(explain, about, ada.as)).code).toBe("NOT_FOUND")
      yield* grant(ada.path, bob.path, ["READ"])
      yield* grant(ada.path, "/a", ["READ"])
      expect((yield* refused(explain, about, ada.as)).code).toBe("PERMISSION_DENIED")
      expect((yield* refused(explain, { node: "/a", perms: 16 }, ada.as)).code).toBe("INVALID_PARAMS")
    })
  )
)

it.effect("is about identities, and about nothing else", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      for (const method of [K.Identity.checkPerm, K.Identity.explainPerm, K.Identity.listAccessible]) {
        const about = { identity: "/a", ...(method === K.Identity.listAccessible ? {} : { node: "/a" }) }
        const refusal = yield* refused(method.path, { ...about, perms: 1 })
        expect([refusal.code, refusal.message]).toEqual(["INVALID_PARAMS", "identity: /a is no identity"])
      }
    })
  )
)

it.effect("lists at most a hundred grants, says so, and still gives the whole mask", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const ada = yield* user("ada")
      for (let each = 0; each < 120; each++) {
        const path = `/identities/g${each}`
        yield* create(path, { class: K.Group.ref })
        yield* call(`${path}::addMember`, { member: ada.path })
        yield* grant(path, "/a", each === 119 ? ["READ", "EDIT"] : ["READ"])
      }
      const why = yield* call(explain, { node: "/a", perms: ["EDIT"] }, ada.as)
      expect(why).toMatchObject({ allowed: true, mask: 3 })
      expect(why.halves[0].grants.length).toBe(100)
      expect(why.halves[0].more).toBe(true)
    })
  )
)
