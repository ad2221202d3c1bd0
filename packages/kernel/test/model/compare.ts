import { K } from "@portico/schema"
import * as Equal from "effect/Equal"
import type { Said } from "./ask.ts"
import type { Outcome } from "./model.ts"
import type { Request, RequestOf } from "./requests.ts"

/** The kernel and the model say different things. */
export class Disagreement extends Error {
  constructor(problem: string, lines: ReadonlyArray<string>) {
    super(`${problem}\n\n${lines.map((line, index) => `${index + 1}. ${line}`).join("\n")}`)
  }
}

const text = (value: unknown): string => JSON.stringify(value) ?? "nothing"

const same = (a: unknown, b: unknown): boolean => Equal.equals(a, b)

/** Why an answer is not the expected one; undefined if it is. */
export const differ = (
  request: Request,
  { refused, result }: Outcome,
  said: Said,
  isOurs: (id: string) => boolean
): string | undefined => {
  const theirs = said.refused
  // What was made and taken back again has an id that the model cannot know.
  const [forget, isNew] = [/<new \d+>|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, text(refused).includes("<new")]
  const told = (value: unknown) => (isNew ? text(value).replaceAll(forget, "*") : value)
  if (refused !== undefined || theirs !== undefined) {
    const fits =
      refused !== undefined &&
      theirs !== undefined &&
      refused.code === theirs.code &&
      (refused.message === undefined || same(told(refused.message), told(theirs.message))) &&
      Object.entries(refused.details ?? {}).every(([key, value]) => same(told(value), told(theirs.details?.[key])))
    if (fits) return undefined
    const ours =
      refused === undefined ? text(result) : `${refused.code} ${refused.message ?? ""} ${text(refused.details)}`
    return `${request.op}: the model says ${ours}`
  }
  const [left, right] = [comparable(request, result, isOurs), comparable(request, said.result, isOurs)]
  return same(left, right) ? undefined : `${request.op}: the model says ${text(left)}, the kernel ${text(right)}`
}

type Loose = Readonly<Record<string, unknown>>

const list = (value: unknown): ReadonlyArray<Loose> => (Array.isArray(value) ? value.map((each) => Object(each)) : [])
const pick = (value: unknown, keys: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(Object(value)).filter(([key]) => keys.includes(key)))

/** Without what is undefined. */
const plain = (value: unknown): unknown => JSON.parse(text(value))

const byText = (values: ReadonlyArray<unknown>) => [...values].sort((a, b) => (text(a) < text(b) ? -1 : 1))

/** As much of a result as the specification says. Orders that it leaves open are put straight, and what the model does not know is left out. */
const comparable = (request: Request, result: unknown, isOurs: (id: string) => boolean): unknown => {
  switch (request.op) {
    case "listChildren":
      return request.order === undefined ? result : sortedBy(list(result))
    case "getLinks":
      return byText(
        list(result)
          .filter((each) => [each.source, each.target].every((id) => isOurs(String(id))))
          .map(edge)
      )
    case "getLink":
    case "link":
    case "updateLink":
      return edge(Object(result))
    case "listPerms":
    case "listMembers":
    case "listHolders":
      return byText(list(result).filter((each) => isOurs(String(each.id ?? each.node))))
    case "whoami":
      return { ...pick(result, ["id", "path", "class"]), groups: byText(list(Object(result).groups)) }
    case "checkPerm":
      return pick(result, ["allowed", "mask"])
    case "explainPerm":
      return explained(Object(result))
    case "listTrash":
      return list(result)
        .filter(({ id }) => isOurs(String(id)))
        .map((each) => pick(each, ["id", "path", "class", "seq", "deletedAt", "deletedBy"]))
    case "history":
      return list(result).map((each) =>
        plain(pick(each, ["seq", "at", "op", "actor", "path", "from", "changed", "edge"]))
      )
    case "query":
      return queried(request, Object(result), isOurs)
    case "mutate":
      return { results: list(Object(result).results) }
    default:
      return result
  }
}

/** The revs of grants and memberships are not modelled. */
const edge = (value: Loose): Loose =>
  value.class === K.has_perm.ref || value.class === K.member_of.ref ? { ...value, rev: 0 } : value

/** Nodes that are equal by the order may come in any order; where one stands is checked by what it is ordered by. */
const sortedBy = (nodes: ReadonlyArray<Loose>) => ({
  order: nodes.map(({ class: ref, props, slug }) => [ref, rankOf(props), slug]).map(([, rank]) => rank ?? null),
  nodes: byText(nodes)
})

const rankOf = (props: unknown): unknown => Object.entries(Object(props)).find(([key]) => key.endsWith(".rank"))?.[1]

const explained = (value: Loose) => ({
  ...pick(value, ["allowed", "mask", "missing"]),
  halves: list(value.halves).map((half) => ({
    ...pick(half, ["half", "mask", "granted"]),
    // Of the kernel's the grants are added up; the model has no list of them.
    granted: half.grants === undefined ? half.granted : union(list(half.grants))
  }))
})

/** Ids, in order where they were searched for or named; and what each step led to from each. */
const queried = (
  { start: { nodes, search }, steps = [] }: RequestOf<"query">,
  value: Loose,
  isOurs: (id: string) => boolean
) => {
  const start: Loose = Object(value.start)
  const all = Array.isArray(start.nodes) ? start.nodes.map(String) : []
  const ids = all.filter(isOurs)
  return {
    start: nodes === undefined && search === undefined ? byText(ids) : ids,
    // Others that run beside it count, too, where all of a class are counted.
    count: Number(start.count) - (all.length - ids.length),
    steps: list(value.steps).map(({ groups }, index) =>
      byText(
        list(groups)
          .filter(({ from }) => isOurs(String(from)))
          .map(({ from, to }) => ({
            from,
            to: byText(
              list(to)
                .filter(({ node }) => isOurs(String(node)))
                .map((each) => reached(each, (steps[index]?.depth ?? 1) > 1))
            )
          }))
      )
    )
  }
}

/** Of several shortest ways to a node any may be told. */
const reached = ({ depth, edge: last, node }: Loose, isFar: boolean) =>
  isFar || last === undefined ? { node, depth } : { node, depth, edge: edge(Object(last)) }

const union = (grants: ReadonlyArray<Loose>): number => grants.reduce((all, { mask }) => all | Number(mask), 0)
