import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call, grant, install } from "../support/kernel.ts"
import { modelBundle, schemaGrants } from "./domain.ts"
import type { MGrant, MNode, Props, World } from "./World.ts"

/** Puts the model's domain in, and grants on its schema what the sequences begin with. */
export const prepare = Effect.gen(function* () {
  yield* install(modelBundle)
  for (const [member, mask] of schemaGrants) {
    yield* grant("/identities/authenticated", `/model.example.dev/${member}`, mask)
  }
  return yield* readWorld
})

/** Everything that is in the store, read past the kernel: what the model begins with. */
const readWorld = Effect.gen(function* () {
  const { read } = yield* Database
  const { grants, members, nodes } = yield* read((conn) => ({
    nodes: conn.prepare("SELECT * FROM nodes").all(),
    grants: conn.prepare("SELECT source, target, mask FROM edges WHERE mask IS NOT NULL").all(),
    members: conn
      .prepare("SELECT source, target FROM edges WHERE class = (SELECT key FROM nodes WHERE slug = 'class.member_of')")
      .all()
  }))
  const ids = new Map(nodes.map((row) => [Number(row.key), String(row.id)]))
  const id = (key: unknown): string => ids.get(Number(key)) ?? ""
  const slugs = new Map(nodes.map((row) => [Number(row.key), { slug: String(row.slug), parent: Number(row.parent) }]))
  /** A class is `<origin>/class.<Name>`. */
  const refOf = (key: number): string => {
    const { parent, slug } = slugs.get(key) ?? { parent: 0, slug: "" }
    return `${slugs.get(parent)?.slug}:${slug}`
  }
  const world = new Map<string, MNode>()
  for (const row of nodes) {
    world.set(String(row.id), {
      id: String(row.id),
      parent: Number(row.parent) === 0 ? null : id(row.parent),
      slug: String(row.slug),
      class: refOf(Number(row.class)),
      // Boundary: props, as the kernel wrote them.
      props: JSON.parse(String(row.props)) as Props,
      rev: Number(row.rev),
      createdAt: Number(row.created_at),
      updatedAt: Number(row.updated_at)
    })
  }
  const { id: everyone } = yield* call("/identities/everyone::get")
  const { id: authenticated } = yield* call("/identities/authenticated::get")
  const root = [...world.values()].find(({ class: ref }) => ref === K.Root.ref)?.id ?? ""
  return {
    root,
    everyone: String(everyone),
    authenticated: String(authenticated),
    nodes: world,
    edges: [],
    log: [],
    grants: grants.map((row): MGrant => ({ identity: id(row.source), node: id(row.target), mask: Number(row.mask) })),
    members: members.map((row) => ({ member: id(row.source), group: id(row.target) }))
  } satisfies World
})
