/**
 * Who has which role of which service: members of Roles below /identities/roles.
 */
import { Slug } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decode, type Node, Page } from "../answers.ts"
import { usage } from "../failure.ts"
import { identityOf } from "../identityOf.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { type Column, renderTable } from "../table.ts"

type Remote = Effect.Success<typeof connect>

const roots = "/identities/roles"
const kernel = "kernel.portico.dev"
const createNode = `/:${kernel}:interface.Node:createNode`

/** Bits on the service, for roles that are made when they are first granted. */
const known: Readonly<Record<string, ReadonlyArray<string>>> = {
  reader: ["READ"],
  user: ["READ", "USE"],
  editor: ["READ", "EDIT", "USE"],
  admin: ["READ", "EDIT", "USE", "SHARE"]
}

const folderOf = (service: string) => `${roots}/${Slug.from(service)}`

/** The node that a role's bits are on. */
const nodeOf = (service: string) => (/^[/@]/.test(service) ? service : `/:${service}`)

const roleOf = (service: string, role: string) =>
  /^[^/@:]+$/.test(role)
    ? Effect.succeed(`${folderOf(service)}/${role}`)
    : Effect.fail(usage(`--role is a name, not ${JSON.stringify(role)}`))

const Made = Schema.Struct({ created: Schema.Boolean })

const make = (remote: Remote, kind: "Folder" | "Role", path: string) =>
  Effect.flatMap(
    remote.call(createNode, { class: `${kernel}:class.${kind}`, path, onConflict: "skip" }),
    decode(Made, "a created node")
  )

/** Makes a role that everybody knows the meaning of. What an operator has changed about it since stays changed. */
const makeKnown = Effect.fnUntraced(function* (
  remote: Remote,
  service: string,
  path: string,
  bits: ReadonlyArray<string>
) {
  // Asked first, so that nothing is made for a service that is not there.
  yield* remote.call(`${nodeOf(service)}::get`, {})
  for (const folder of [roots, folderOf(service)]) yield* make(remote, "Folder", folder)
  const { created } = yield* make(remote, "Role", path)
  if (created) yield* remote.call(`${path}::grantPerm`, { node: nodeOf(service), perms: bits })
})

interface Access {
  readonly handle: string
  readonly service: string
  readonly role: string
}

/** `portico access grant` */
export const grant = Effect.fnUntraced(function* ({ handle, role, service }: Access) {
  const path = yield* roleOf(service, role)
  const remote = yield* connect
  const bits = Object.hasOwn(known, role) ? known[role] : undefined
  if (bits !== undefined) yield* makeKnown(remote, service, path, bits)
  yield* remote.call(`${path}::addMember`, { member: identityOf(handle) })
  yield* say(`${handle} is ${role} of ${service}`)
})

/** `portico access revoke` */
export const revoke = Effect.fnUntraced(function* ({ handle, role, service }: Access) {
  const path = yield* roleOf(service, role)
  const remote = yield* connect
  yield* remote.call(`${path}::removeMember`, { member: identityOf(handle) })
  yield* say(`${handle} is ${role} of ${service} no more`)
})

const Members = Schema.Struct({
  members: Schema.Array(Schema.Struct({ path: Schema.String })),
  next: Schema.optionalKey(Schema.String)
})

/** Every page of a list. */
const all = <A, E>(
  page: (cursor: string | undefined) => Effect.Effect<{ items: ReadonlyArray<A>; next?: string | null | undefined }, E>
) =>
  Effect.gen(function* () {
    const found: Array<A> = []
    let cursor: string | undefined
    do {
      const { items, next } = yield* page(cursor)
      found.push(...items)
      cursor = next ?? undefined
    } while (cursor !== undefined)
    return found
  })

const after = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

const childrenOf = (remote: Remote, path: string) =>
  all<Node, unknown>((cursor) =>
    Effect.map(
      Effect.flatMap(remote.call(`${path}::listChildren`, after(cursor)), decode(Page, "a page of nodes")),
      ({ next, nodes }) => ({ items: nodes, next })
    )
  )

const membersOf = (remote: Remote, path: string) =>
  all<string, unknown>((cursor) =>
    Effect.map(
      Effect.flatMap(remote.call(`${path}::listMembers`, after(cursor)), decode(Members, "a page of members")),
      ({ members, next }) => ({ items: members.map((member) => member.path), next })
    )
  )

const lastOf = (path: string) => path.slice(path.lastIndexOf("/") + 1)

const columns: ReadonlyArray<Column<{ readonly identity: string; readonly service: string; readonly role: string }>> = [
  { title: "IDENTITY", value: ({ identity }) => identity },
  { title: "SERVICE", value: ({ service }) => service },
  { title: "ROLE", value: ({ role }) => role }
]

/** `portico access list` */
export const list = Effect.fnUntraced(function* (input: { readonly service: Option.Option<string> }) {
  const remote = yield* connect
  const folders = Option.isSome(input.service)
    ? [folderOf(input.service.value)]
    : (yield* childrenOf(remote, roots))
        .filter((node) => node.class === `${kernel}:class.Folder`)
        .map(({ path }) => path)
  const rows: Array<{ readonly identity: string; readonly service: string; readonly role: string }> = []
  for (const folder of folders) {
    for (const role of yield* childrenOf(remote, folder)) {
      if (role.class !== `${kernel}:class.Role`) continue
      for (const identity of yield* membersOf(remote, role.path)) {
        rows.push({ identity, service: lastOf(folder), role: lastOf(role.path) })
      }
    }
  }
  yield* printed(rows, (io) => renderTable(io, columns, rows))
})
