import { expect, it } from "@effect/vitest"
import { K, Mask } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Authority, type Kernel } from "../../src/index.ts"
import { call, create, onKernel, onServer } from "../support/kernel.ts"
import { oracleBounded, oracleMask, type World } from "../support/oracle.ts"

const folders = 9
const identities = 6
const index = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))
const mask = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 15 }))

/** A tree, memberships in any direction, and grants, also to everyone (6) and authenticated (7) and on `/` (9). */
const Shape = Schema.Struct({
  parents: Schema.Array(index(folders)).check(Schema.isMinLength(folders), Schema.isMaxLength(folders)),
  members: Schema.Array(Schema.Tuple([index(identities), index(identities)])).check(Schema.isMaxLength(8)),
  grants: Schema.Array(Schema.Tuple([index(identities + 2), index(folders + 1), mask])).check(Schema.isMaxLength(8)),
  perms: mask,
  bound: Schema.Tuple([index(folders), mask])
})

/** Identities are numbered from 100 and Root is -1, so that no two things share a number. */
const identityNumber = (each: number) => 100 + each
const rootNumber = -1
const [everyone, authenticated] = [identityNumber(6), identityNumber(7)]

interface Built {
  readonly world: World
  readonly nodes: ReadonlyArray<string>
  readonly who: ReadonlyArray<string>
}

const build = Effect.fnUntraced(function* (shape: typeof Shape.Type) {
  const parents = new Map<number, number | undefined>([[rootNumber, undefined]])
  const nodes: Array<string> = []
  for (let node = 0; node < folders; node++) {
    const parent = node === 0 ? rootNumber : (shape.parents[node] ?? 0) % node
    parents.set(node, parent)
    const at = parent === rootNumber ? "/" : `@${nodes[parent]}`
    nodes.push((yield* call(K.Node.createNode.path, { class: K.Folder.ref, parent: at, slug: `n${node}` })).id)
  }
  const who: Array<string> = []
  for (let each = 0; each < identities; each++) {
    who.push((yield* create(`/identities/g${each}`, { class: K.Group.ref })).id)
  }
  const addressOf = (each: number) =>
    each < identities ? `@${who[each]}` : `/identities/${each === 6 ? "everyone" : "authenticated"}`
  const grants = new Map<string, readonly [number, number, number]>()
  for (const [each, on, bits] of shape.grants) {
    yield* call(`${addressOf(each)}::grantPerm`, { node: on === folders ? "/" : `@${nodes[on]}`, perms: bits })
    const key = `${each} ${on}`
    const node = on === folders ? rootNumber : on
    grants.set(key, [identityNumber(each), node, (grants.get(key)?.[2] ?? 0) | bits])
  }
  const memberships: Array<readonly [number, number]> = []
  for (const [member, group] of shape.members) {
    yield* call(`@${who[group]}::addMember`, { member: `@${who[member]}` })
    memberships.push([identityNumber(member), identityNumber(group)])
  }
  const world: World = { parents, memberships, grants: [...grants.values()] }
  return { world, nodes, who } satisfies Built
})

/** Every page of a listing, one item a page, so that every cursor is used. */
const everyPage = Effect.fnUntraced(function* (
  path: string,
  params: object,
  of: "nodes" | "identities",
  as?: Authority
) {
  const found: Array<{ readonly id: string; readonly path: string; readonly mask?: number }> = []
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = yield* call(path, { ...params, limit: 2, ...(cursor === undefined ? undefined : { cursor }) }, as)
    found.push(...page[of])
    cursor = page.next
  }
  return found
})

const agree = Effect.fnUntraced(function* (shape: typeof Shape.Type) {
  const { nodes, who, world } = yield* build(shape)
  const { perms } = shape
  const maskOf = (each: number, node: number) =>
    oracleMask(world, [identityNumber(each), everyone, authenticated], node)
  for (let each = 0; each < identities; each++) {
    const identity = `@${who[each]}`
    for (let node = 0; node < folders; node++) {
      const about = { identity, node: `@${nodes[node]}`, perms }
      const expected = maskOf(each, node)
      const checked = yield* call(K.Identity.checkPerm.path, about)
      expect(checked).toMatchObject({ mask: expected, allowed: Mask.has(expected, perms) })
      const why = yield* call(K.Identity.explainPerm.path, about)
      expect(why).toMatchObject({ mask: expected, allowed: checked.allowed, missing: Mask.names(perms & ~expected) })
      expect(why.halves[0].grants.reduce((all: number, one: { mask: number }) => all | one.mask, 0)).toBe(expected)
    }
    const accessible = yield* everyPage(
      K.Identity.listAccessible.path,
      { identity, perms, class: K.Folder.ref },
      "nodes"
    )
    const ours = accessible.filter(({ id }) => nodes.includes(id)).map(({ id }) => nodes.indexOf(id))
    expect([...ours].sort()).toEqual(nodes.flatMap((_, node) => (Mask.has(maskOf(each, node), perms) ? [node] : [])))
  }
  for (let node = 0; node < folders; node++) {
    const holders = yield* everyPage(`@${nodes[node]}::listHolders`, { perms }, "identities")
    expect(new Set(holders.map(({ id }) => id)).size).toBe(holders.length)
    const ours = holders.filter(({ id }) => who.includes(id))
    expect(new Map(ours.map(({ id, mask }) => [who.indexOf(id), mask]))).toEqual(
      new Map(
        who.flatMap((_, each) => {
          const held = maskOf(each, node)
          return Mask.has(held, perms) ? [[each, held]] : []
        })
      )
    )
  }
  yield* agreeWhenNarrowed(shape, { nodes, who, world })
})

/** What a narrowed credential is told about itself. */
const agreeWhenNarrowed = Effect.fnUntraced(function* (shape: typeof Shape.Type, { nodes, who, world }: Built) {
  const [top, bits] = shape.bound
  const bound = { nodes: [nodes[top] ?? ""], perms: bits }
  for (let each = 0; each < identities; each++) {
    const as = Authority.narrow(Authority.identity(who[each] ?? ""), bound)
    const maskOf = (node: number) =>
      oracleBounded(
        world,
        oracleMask(world, [identityNumber(each), everyone, authenticated], node),
        [{ tops: [top], perms: bits }],
        node
      )
    for (let node = 0; node < folders; node++) {
      const expected = maskOf(node)
      const about = { node: `@${nodes[node]}`, perms: shape.perms }
      if (expected === 0) {
        expect((yield* Effect.flip(call(K.Identity.explainPerm.path, about, as))).code).toBe("NOT_FOUND")
        continue
      }
      const why = yield* call(K.Identity.explainPerm.path, about, as)
      expect(why).toMatchObject({ mask: expected, allowed: Mask.has(expected, shape.perms) })
      expect(why.halves[0].bounds).toMatchObject([{ perms: Mask.names(bits), covers: true }])
    }
    const found = yield* everyPage(K.Identity.listAccessible.path, { perms: shape.perms }, "nodes", as)
    const expected = nodes.flatMap((id, node) => (Mask.has(maskOf(node), shape.perms) ? [id] : []))
    expect(found.map(({ id }) => id).sort()).toEqual([...expected].sort())
  }
})

it.effect.prop(
  "check, explain, listAccessible and listHolders agree with the oracle and with each other",
  [Shape],
  ([shape]): Effect.Effect<void, unknown> => onKernel(agree(shape) as Effect.Effect<void, unknown, Kernel>),
  { arbitrary: { runs: onServer ? 10 : 25 }, timeout: 300_000 }
)
