import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Kernel } from "../../src/index.ts"
import type { Caller } from "./callers.ts"
import { callOf, isListing, type Request } from "./requests.ts"

/** What the kernel said to a call: all pages of a listing as one. */
export interface Said {
  /** The commit that it was computed at; 0 for a refusal, which does not tell. */
  readonly seq: number
  readonly result?: unknown
  readonly refused?: PorticoError
}

/** A call by somebody. */
export interface Call {
  readonly caller: Caller
  readonly request: Request
  /** Makes it once. */
  readonly key?: string
}

/**
 * Asks the kernel; a listing for all of its pages, two at a time, or for one page of everything where `isAlone` is false:
 * between two pages others would change what the next one holds.
 */
export const ask = Effect.fnUntraced(function* (call: Call, since: number, isAlone = true) {
  const kernel = yield* Kernel
  const { params, path } = callOf(call.request)
  const wanted = isListing(call.request.op)
    ? { ...Object(params), limit: isAlone ? pageOf(call.request) : 1_000 }
    : params
  const keyed = call.key === undefined ? undefined : { idempotencyKey: call.key }
  const pages: Array<unknown> = []
  let seq = 0
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = cursor === undefined ? wanted : { ...wanted, cursor }
    const said = yield* Effect.result(kernel.call(call.caller.as, { path, params: page, ...keyed }))
    if (Result.isFailure(said)) return { seq: 0, refused: said.failure } satisfies Said
    const { result } = said.success
    seq = said.success.seq
    if (!isListing(call.request.op)) return { seq, result } satisfies Said
    pages.push(...itemsOf(result))
    // What is left was deleted by sequences before.
    cursor = call.request.op === "listTrash" && isBefore(pages.at(-1), since) ? undefined : nextOf(result)
  }
  return { seq, result: pages } satisfies Said
})

const isBefore = (item: unknown, seq: number): boolean => Number(Object(item).seq) < seq

const pageOf = ({ op }: Request): number => (op === "listHolders" || op === "listTrash" ? 50 : op === "history" ? 5 : 2)

const itemsOf = (page: unknown): ReadonlyArray<unknown> =>
  Object.values(Object(page)).find((value): value is ReadonlyArray<unknown> => Array.isArray(value)) ?? []
const nextOf = (page: unknown): string | undefined => {
  const next: unknown = Object(page).next
  return typeof next === "string" ? next : undefined
}
