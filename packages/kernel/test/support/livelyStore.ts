import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { bundle, D } from "./crm.ts"
import { call, create, grant, install, user } from "./kernel.ts"

/** A store in which everything has happened once: every kind of row is there. */
export const livelyStore = Effect.gen(function* () {
  yield* install({ ...bundle, owns: ["/contacts"] })
  const contact = (name: string, props: object = {}) =>
    create(`/contacts/${name}`, { class: D.Contact.ref, props: { email: `${name}@example.dev`, name, ...props } })
  const [ada, ben] = [yield* contact("ada"), yield* contact("ben", { company: "Ünïcode & Söhne" })]
  yield* contact("cyd")
  yield* create("/projects")
  for (const name of ["apollo", "zeus", "hera"]) {
    yield* create(`/projects/${name}`, { class: D.Project.ref, props: { title: `Project ${name}` } })
  }
  yield* create("/projects/соре")
  yield* call("/contacts/ada::link", { edgeClass: D.works_on.ref, target: "/projects/apollo", props: { role: "lead" } })
  yield* call("/projects/apollo::link", { edgeClass: D.blocks.ref, target: "/projects/zeus" })
  yield* call("/projects/zeus::link", { edgeClass: D.blocks.ref, target: "/projects/hera" })
  yield* call("/contacts/ben::link", { edgeClass: D.knows.ref, target: "/contacts/ada" })
  const lin = yield* user("lin")
  yield* create("/identities/team", { class: K.Group.ref })
  yield* call("/identities/team::addMember", { member: lin.path })
  yield* grant("/identities/team", "/contacts", ["READ", "EDIT"])
  yield* grant(lin.path, "/projects", ["READ"])
  yield* create("/a")
  yield* create("/a/b")
  yield* create("/a/b/c", { props: { name: "to and fro" } })
  yield* call("/a/b::move", { to: "/projects", slug: "b2" })
  yield* call("/contacts/ada::update", { props: { company: "ACME" } })
  yield* call("/projects/b2::delete", { recursive: true })
  yield* call("/contacts/cyd::delete")
  // Takes the unique value of what lies in the trash.
  yield* contact("dan", { email: "cyd@example.dev" })
  yield* call("/projects/hera::delete")
  yield* call("/projects/hera::restore")
  return { ada, ben, lin }
})
