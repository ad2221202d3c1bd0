import { K } from "@portico/schema"
import { anEdge, edgeClasses } from "./changes.ts"
import { address, at, given, identity, masks, type Names } from "./choose.ts"
import { M } from "./domain.ts"
import type { Direction, Order, Request, RequestOf, Where } from "./requests.ts"

const directions: ReadonlyArray<Direction> = ["out", "in", "both"]
const wheres: ReadonlyArray<Where | undefined> = [
  undefined,
  { rank: { gte: 2 } },
  { rank: { exists: true } },
  { rank: { lt: 2 }, slug: { gt: "a" } },
  { not: { rank: { eq: 2 } } },
  { or: [{ rank: { eq: 1 } }, { slug: { startsWith: "b" } }] },
  { rank: { in: [1, 2.5] } },
  { class: { eq: M.Box.ref } }
]
const orders: ReadonlyArray<Order | undefined> = [undefined, [["rank", "asc"]], [["rank", "desc"]], [["slug", "desc"]]]

/** `rank` means something only where a class says so. */
const listed = (c: number, d: number): { readonly class?: string; readonly where?: Where; readonly order?: Order } =>
  c % 3 === 0
    ? {}
    : {
        class: c % 3 === 1 ? M.Box.ref : M.Task.ref,
        ...given("where", at(wheres, d)),
        ...given("order", at(orders, c))
      }

export const reads = {
  get: (names: Names, a: number, b: number, c: number): Request => ({
    op: "get",
    node: address(names, a, b),
    ...given("props", c === 31 ? ["name"] : undefined)
  }),
  whoami: (): Request => ({ op: "whoami" }),
  listChildren: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "listChildren",
    node: address(names, a, b),
    ...listed(c, d)
  }),
  countChildren: (names: Names, a: number, b: number, c: number, d: number): Request => {
    const { class: ref, where } = listed(c, d)
    return { op: "countChildren", node: address(names, a, b), ...given("class", ref), ...given("where", where) }
  },
  getTree: (names: Names, a: number, b: number, c: number): Request => ({
    op: "getTree",
    node: address(names, a, b),
    depth: c % 4
  }),
  getLink: (names: Names, a: number, b: number, c: number, d: number): Request =>
    c % 5 === 0
      ? { op: "getLink", node: address(names, a, b), edgeClass: K.has_parent.ref, target: address(names, d, b) }
      : { op: "getLink", ...edgeOnly(anEdge(names, a, b, c, d)) },
  getLinks: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "getLinks",
    node: address(names, a, b),
    direction: at(directions, c),
    ...given("edgeClass", d % 3 === 0 ? undefined : d % 7 === 0 ? K.has_parent.ref : at(edgeClasses, d))
  }),
  countLinks: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "countLinks",
    node: address(names, a, b),
    direction: at(directions, c),
    ...given("edgeClass", d % 3 === 0 ? undefined : at(edgeClasses, d)),
    ...given("class", c % 2 === 0 ? M.Box.ref : undefined)
  }),
  query: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "query",
    start: startAt(names, a, b, c, d),
    steps: steps[b % steps.length] ?? []
  }),
  search: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "query",
    start: {
      search: at(searches, a)(names),
      ...given("under", b % 2 === 0 ? address(names, c, d) : undefined),
      ...given("class", d % 5 === 0 ? M.Box.ref : undefined)
    }
  }),
  listTrash: (): Request => ({ op: "listTrash" }),
  history: (names: Names, a: number, b: number): Request => ({ op: "history", node: address(names, a, b) }),
  listPerms: (names: Names, a: number, b: number): Request => ({ op: "listPerms", node: identity(names, a, b) }),
  listMembers: (names: Names, a: number, b: number): Request => ({ op: "listMembers", node: identity(names, a, b) }),
  checkPerm: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: d % 2 === 0 ? "checkPerm" : "explainPerm",
    on: address(names, a, b),
    perms: at(masks, c),
    ...given("identity", c % 2 === 0 ? identity(names, d, c) : undefined)
  }),
  listAccessible: (names: Names, a: number, b: number, c: number, d: number): Request => ({
    op: "listAccessible",
    perms: at(masks, b),
    under: address(names, c % 3 === 0 ? c : 0, 0),
    ...given("identity", d % 2 === 0 ? identity(names, a, d) : undefined),
    ...given("class", d % 5 === 0 ? M.Box.ref : undefined)
  }),
  listHolders: (names: Names, a: number, b: number, c: number): Request => ({
    op: "listHolders",
    node: address(names, a, b),
    perms: at(masks, c)
  })
}

const searches = [
  () => "p",
  () => "q a",
  () => "a",
  () => "o",
  ({ prefix }: Names) => prefix,
  ({ prefix }: Names) => `${prefix}p`,
  () => "b t"
] as const

const startAt = (names: Names, a: number, b: number, c: number, d: number): RequestOf<"query">["start"] => {
  if (a % 3 === 0) return { nodes: [address(names, b, c), address(names, c, 0)] }
  const { class: ref, where } = listed(c, d)
  if (a % 3 === 1 && ref !== undefined) return { class: ref, ...given("where", where) }
  return { under: address(names, b === 0 ? 0 : c, d), ...given("class", ref), ...given("where", where) }
}

const steps: ReadonlyArray<NonNullable<RequestOf<"query">["steps"]>> = [
  [],
  [{ edge: "children" }],
  [{ edge: "parent" }, { edge: M.likes.ref, dir: "both" }],
  [{ edge: M.before.ref, depth: 3 }],
  [{ dir: "both" }],
  [{ edge: "children", depth: 2, class: M.Box.ref, where: { rank: { exists: true } } }],
  [
    { edge: M.knows.ref, dir: "in", depth: 2 },
    { edge: "parent", depth: 3 }
  ],
  [
    { edge: M.pinned.ref, dir: "in" },
    { dir: "out", class: M.Box.ref }
  ]
]

const edgeOnly = ({ edgeClass, node, slug, target }: ReturnType<typeof anEdge>) => ({
  node,
  edgeClass,
  target,
  ...given("slug", slug)
})
