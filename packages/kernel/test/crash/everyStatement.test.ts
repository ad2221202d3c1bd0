import { describe, expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { D } from "../support/crm.ts"
import { diskFull, faultyKernel, noFault, powerCut } from "../support/faulty.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, user } from "../support/kernel.ts"
import { livelyStore } from "../support/livelyStore.ts"

const makeContact = (name: string) => ({
  op: "createNode",
  class: D.Contact.ref,
  path: `/contacts/${name}`,
  props: { email: `${name}@new.example.dev` }
})

/** Changes, each with what makes it possible once more. */
const changes: ReadonlyArray<readonly [name: string, change: Effect.Effect<unknown, unknown, Kernel>]> = [
  ["create", create("/contacts/new", { class: D.Contact.ref, props: { email: "new@example.dev", company: "New" } })],
  ["update", call("/contacts/ben::update", { props: { email: "ben@elsewhere.example.dev" } })],
  ["move", call("/projects::move", { to: "/contacts", slug: "moved" })],
  ["delete", call("/contacts/moved::delete", { recursive: true })],
  ["restore", call("/contacts/moved::restore", { path: "/projects" })],
  [
    "mutate",
    call(K.Node.mutate.path, {
      ops: [
        makeContact("eve"),
        { op: "link", node: "$0", edgeClass: D.knows.ref, target: "/contacts/ada" },
        { op: "update", node: "/contacts/ada", props: { company: "Other" } },
        { op: "move", node: "/projects/zeus", to: "/contacts" },
        { op: "delete", node: "/contacts/dan" }
      ]
    })
  ],
  ["grant", call("/identities/lin::grantPerm", { node: "/contacts", perms: ["READ"] })],
  ["remove from a group", call("/identities/team::removeMember", { member: "/identities/lin" })]
]

/** What callers see: nodes by every address, children, edges, and what somebody may. */
const seen = Effect.gen(function* () {
  const kernel = yield* Kernel
  const lin = yield* kernel.node("/identities/lin")
  const as = lin._tag === "Some" ? Authority.identity(lin.value.id) : Authority.anonymous
  const paths = [
    "/contacts",
    "/contacts/ada",
    "/contacts/dan",
    "/contacts/eve",
    "/contacts/moved",
    "/projects",
    "/projects/zeus"
  ]
  const asked = paths.flatMap((path) => [
    call(`${path}::get`),
    call(`${path}::get`, undefined, as),
    call(`${path}::getTree`),
    call(`${path}::getLinks`, { direction: "both" })
  ])
  const answers = yield* Effect.forEach(asked, (each) =>
    Effect.result(each as Effect.Effect<unknown, PorticoError, Kernel>)
  )
  return JSON.stringify(answers.map((each) => (each._tag === "Success" ? each.success : each.failure.code)))
})

describe("a write that fails at any of its statements", () => {
  for (const [how, thrown] of [
    ["by a power cut", powerCut],
    ["because the disk is full", diskFull]
  ] as const) {
    it.effect(`${how} leaves the store, and what is remembered of it, as they were`, () => {
      const fault = noFault()
      return Effect.gen(function* () {
        yield* livelyStore
        yield* user("someone")
        for (const [name, change] of changes) {
          const before = [yield* digest, yield* seen]
          for (let at = 0; ; at++) {
            Object.assign(fault, { at, seen: 0, thrown })
            const exit = yield* Effect.exit(change)
            Object.assign(fault, { at: Number.POSITIVE_INFINITY })
            if (exit._tag === "Success") {
              expect([name, at > 3, fault.seen]).toEqual([name, true, at])
              break
            }
            if (how === "because the disk is full")
              expect(yield* Effect.flip(exit)).toMatchObject({ code: "STORAGE_FULL" })
            expect([name, at, yield* digest, yield* seen]).toEqual([name, at, ...before])
          }
          const after = [yield* digest, yield* seen]
          expect([name, after[0] === before[0]]).toEqual([name, false])
          expect([name, yield* violations]).toEqual([name, []])
        }
      }).pipe(Effect.provide(faultyKernel(fault), { local: true }))
    })
  }
})
