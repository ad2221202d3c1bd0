import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Kernel } from "../../src/index.ts"
import type { Caller } from "./callers.ts"
import { Disagreement } from "./compare.ts"
import { M } from "./domain.ts"
import { answer } from "./model.ts"
import { callOf, type Request } from "./requests.ts"
import type { Running } from "./settle.ts"
import type { World } from "./World.ts"

type Loose = Readonly<Record<string, unknown>>

const text = (value: unknown): string => JSON.stringify(value)

/** Listings whose first page is asked for at the beginning of a sequence, and the others at its end. */
const requestsOf = ([top = "", a = ""]: ReadonlyArray<string>): ReadonlyArray<Request> => [
  { op: "listChildren", node: `@${top}` },
  { op: "query", start: { under: `@${top}`, class: M.Box.ref } },
  { op: "getLinks", node: `@${a}`, direction: "both" }
]

const paramsOf = (request: Request, cursor: string | undefined) => {
  const { params } = callOf(request)
  const page = { limit: 1, ...(cursor === undefined ? undefined : { cursor }) }
  if (request.op !== "query") return { ...Object(params), ...page }
  return { start: { ...request.start, order: [["rank", "desc"]], page }, steps: [] }
}

/** What is in a page or in the whole of a listing, each by what tells it apart. */
const itemsOf = (result: unknown): ReadonlyArray<string> => {
  const { edges, nodes, start }: Loose = Object(result)
  const list: unknown = start === undefined ? (edges ?? nodes ?? result) : Object(start).nodes
  return (Array.isArray(list) ? list : []).map((item: unknown) => {
    const { class: ref, id, slug, source, target }: Loose = Object(item)
    if (typeof item === "string") return item
    return source === undefined ? String(id) : [ref, source, target, slug].join(" ")
  })
}

const nextOf = (result: unknown): string | undefined => {
  const next: unknown = Object(result).next ?? Object(Object(result).start).next
  return typeof next === "string" ? next : undefined
}

/** What the model has in a listing; undefined where it is refused. */
const listed = ({ earlier, now }: Running, world: World, caller: Caller, request: Request) => {
  const { refused, result } = answer(world, caller, request, { seq: 0, now, earlier, newId: () => "" })
  return refused === undefined ? itemsOf(result) : undefined
}

/** What of a listing is the same in both worlds, where it stands in it included. */
const unchanged = (before: World, after: World, item: string): boolean => {
  const isSame = (id: string) => text(before.nodes.get(id)) === text(after.nodes.get(id))
  const ends = item.split(" ").slice(1, 3)
  return ends.length === 2 ? ends.every(isSame) : isSame(item)
}

/**
 * Asks for first pages; what is given goes on from there once much else has happened, and holds that what is unchanged
 * was met exactly once, that nothing was met which is not there, and that nobody else can go on.
 */
export const hold = Effect.fnUntraced(function* (running: Running, caller: Caller, other: Caller) {
  const kernel = yield* Kernel
  const before = running.world
  const ask = (as: Caller, request: Request, cursor?: string) =>
    Effect.result(
      kernel.call(as.as, {
        path: request.op === "query" ? K.Node.query.path : callOf(request).path,
        params: paramsOf(request, cursor)
      })
    )
  const held: Array<readonly [request: Request, items: ReadonlyArray<string>, cursor: string]> = []
  for (const request of requestsOf(running.known)) {
    const said = yield* ask(caller, request)
    const cursor = Result.isSuccess(said) ? nextOf(said.success.result) : undefined
    if (Result.isSuccess(said) && cursor !== undefined) held.push([request, itemsOf(said.success.result), cursor])
  }
  const compare = Effect.gen(function* () {
    for (const [request, first, next] of held) {
      const fail = (problem: string) =>
        new Disagreement(`${caller.name} pages on ${text(request)}: ${problem}`, running.lines)
      const [was, is] = [listed(running, before, caller, request), listed(running, running.world, caller, request)]
      const found = [...first]
      for (let cursor: string | undefined = next; cursor !== undefined; ) {
        const said: Effect.Success<ReturnType<typeof ask>> = yield* ask(caller, request, cursor)
        if (Result.isFailure(said)) {
          if (is !== undefined) throw fail(said.failure.message)
          break
        }
        if (is === undefined) throw fail("it is not refused")
        const items = itemsOf(said.success.result)
        const surplus = items.find((item) => !is.includes(item))
        if (surplus !== undefined) throw fail(`${surplus} is not there`)
        found.push(...items)
        cursor = nextOf(said.success.result)
      }
      if (is === undefined || was === undefined) continue
      for (const item of was) {
        if (!is.includes(item) || !unchanged(before, running.world, item)) continue
        const times = found.filter((each) => each === item).length
        if (times !== 1) throw fail(`${item} was met ${times} times`)
      }
      const isSame = text(other.as.halves) === text(caller.as.halves)
      if (isSame || listed(running, running.world, other, request) === undefined) continue
      const stolen = yield* ask(other, request, next)
      if (Result.isSuccess(stolen) || stolen.failure.code !== "CURSOR_INVALID") throw fail(`${other.name} may go on`)
    }
  })
  return { compare }
})
