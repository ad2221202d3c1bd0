import { expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import {
  closureOf,
  DamagedTree,
  maskOf,
  type PermissionFacts,
  within
} from "../../src/internal/permission/arithmetic.ts"
import { oracleBounded, oracleMask, type World } from "../support/oracle.ts"

const size = 12
const index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: size - 1 }))
const mask = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 }))
const many = <S extends Schema.Top>(item: S) => Schema.Array(item).check(Schema.isMaxLength(24))

const world = Arbitrary.schema(
  Schema.Struct({
    parents: Schema.Array(index).check(Schema.isMinLength(size), Schema.isMaxLength(size)),
    memberships: many(Schema.Tuple([index, index])),
    grants: many(Schema.Tuple([index, index, mask]))
  })
).pipe(
  Arbitrary.map(
    ({ parents, ...rest }): World => ({
      // A node's parent comes before it, so this is a tree with Root 0.
      parents: new Map(parents.map((parent, node) => [node, node === 0 ? undefined : parent % node])),
      ...rest
    })
  )
)

const factsOf = (of: World): PermissionFacts<number> => ({
  parentOf: (node) => of.parents.get(node),
  groupsOf: (identity) => of.memberships.filter(([member]) => member === identity).map(([, group]) => group),
  grantedOn: (node, identities) =>
    of.grants.reduce((all, [identity, on, bits]) => (on === node && identities.has(identity) ? all | bits : all), 0)
})

it.prop(
  "a mask is the OR over the identity, its nested groups and the node's ancestors",
  [world, Schema.Array(index).check(Schema.isMaxLength(3)), index],
  ([of, identities, node]) => {
    const facts = factsOf(of)
    expect(maskOf(facts, closureOf(facts, identities), node)).toBe(oracleMask(of, identities, node))
  },
  { arbitrary: { runs: 500 } }
)

const bound = Schema.Struct({
  tops: Schema.Union([Schema.Array(index).check(Schema.isMaxLength(3)), Schema.Literal("all")]),
  perms: mask
})

it.prop(
  "bounds only take away: what they do not name, and everything outside of their nodes",
  [world, many(bound), mask, index],
  ([of, bounds, whole, node]) => {
    const areas = bounds.map(({ tops, perms }) => ({ nodes: tops === "all" ? ("all" as const) : new Set(tops), perms }))
    const left = within((each) => of.parents.get(each), areas, node, whole)
    expect(left).toBe(oracleBounded(of, whole, bounds, node))
    expect(left & ~whole).toBe(0)
  },
  { arbitrary: { runs: 500 } }
)

it("a chain of memberships that closes a circle ends", () => {
  const facts: PermissionFacts<number> = {
    parentOf: () => undefined,
    groupsOf: (identity) => [(identity + 1) % 10_000],
    grantedOn: () => 0
  }
  expect(closureOf(facts, [5]).size).toBe(10_000)
})

it("a damaged tree that goes round ends with an error", () => {
  const facts: PermissionFacts<number> = {
    parentOf: (node) => (node === 1 ? 2 : 1),
    groupsOf: () => [],
    grantedOn: () => 1
  }
  expect(() => maskOf(facts, new Set([1]), 1)).toThrow(DamagedTree)
})
