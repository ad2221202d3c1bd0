import { createHash } from "node:crypto"
import { step } from "@portico/gate/database"
import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Authority } from "../../Authority.ts"
import type { CallAnswer, CallRequest } from "../../Kernel.ts"
import { Op, type OpTools } from "../ops/Op.ts"
import { seqOf, type Tx } from "../store/Graph.ts"
import type { GraphStore, Parts } from "../store/GraphStore.ts"
import { forget, type Kept, keep, keptAnswer } from "../store/kept.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type Check, checkAgain } from "./checks.ts"
import { isLong } from "./isLong.ts"

/** Longer keys are refused. */
const longestKey = 255

/** How long past its time-out a call may still be on its way, in milliseconds. */
const grace = 10_000

/** How a call is made that has a key. */
export interface OnceTools {
  readonly store: GraphStore
  readonly tools: OpTools
  /** Longest time that a call takes, in milliseconds. */
  readonly timeout: number
  /** Authorizes the call, noting what it asks for, and makes it, if the kernel itself can. */
  readonly within: (tx: Tx, authority: Authority, request: CallRequest, noted: Array<Check>) => Within
  /** Makes the call in whatever way. */
  readonly call: (authority: Authority, request: CallRequest) => Effect.Effect<CallAnswer, PorticoError>
}

/** What became of a call within a transaction: it gave a value, or it has to be made elsewhere, or gives a stream. */
export type Within =
  | { readonly _tag: "Value"; readonly result: unknown }
  | { readonly _tag: "Parts"; readonly parts: Parts<unknown> }
  | { readonly _tag: "Elsewhere" }
  | { readonly _tag: "Stream" }

const hash = (...parts: ReadonlyArray<string>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url")

/** Who a key belongs to: the same key of another caller, or through another function, is another one. */
const ownerOf = (authority: Authority): string => {
  const { actor, system, via } = authority
  if (actor === null && via === undefined && system !== true) {
    throw PorticoError.make("UNAUTHENTICATED", "an Idempotency-Key needs a credential")
  }
  return JSON.stringify([actor, via ?? null])
}

const checkKey = (key: string): void => {
  if (key.length <= longestKey && /^[\x21-\x7e]+$/.test(key)) return
  throw PorticoError.make("INVALID_PARAMS", `an Idempotency-Key is 1 to ${longestKey} visible ASCII characters`, {
    issues: [{ path: ["idempotency-key"], code: "key", message: `1 to ${longestKey} visible ASCII characters` }]
  })
}

/** Refusals that tell of a moment, or of who asks, are not kept: the call was not made, and may be made later. */
const passing = new Set(["UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "IN_PROGRESS", "INSTALL_IN_PROGRESS"])

const isKept = ({ code, status }: PorticoError): boolean =>
  status < 500 && status !== 429 && status !== 499 && !passing.has(code)

/** A call as it is told from others. */
interface CallId {
  /** Of caller and key. */
  readonly scope: string
  readonly body: string
}

type Begun =
  | { readonly _tag: "Answered"; readonly answer: CallAnswer | PorticoError; readonly replayed: boolean }
  | { readonly _tag: "Elsewhere"; readonly checks: string }
  | { readonly _tag: "Stream" }

const textOf = (answer: CallAnswer | PorticoError): string =>
  JSON.stringify(isPorticoError(answer) ? { error: answer } : { result: answer.result ?? null, seq: answer.seq })

const answerOf = (text: string): CallAnswer | PorticoError => {
  // Boundary: written by `textOf`.
  const kept = JSON.parse(text) as { readonly error?: unknown; readonly result: unknown; readonly seq: number }
  return kept.error === undefined ? { result: kept.result, seq: kept.seq } : PorticoError.fromJson(kept.error)
}

/**
 * Makes calls with an idempotency key once. What the kernel itself does is done and written down in one transaction; of
 * a call that others make it is written down before that it runs, and its answer after. A call whose process died on
 * the way is made again, after its time is over.
 */
export const makeOnce = ({ call, store, timeout, tools, within }: OnceTools) => {
  function* begin(tx: Tx, authority: Authority, request: CallRequest, id: CallId, noted: Array<Check>): Parts<Begun> {
    const { body, scope } = id
    const again = yield* step(() => {
      const kept = keptAnswer(tx, scope, tx.now)
      return kept === undefined ? undefined : repeat(tx, authority, request, kept, body)
    })
    if (again !== undefined) return { _tag: "Answered", answer: again, replayed: true }
    const made = yield* step(() => {
      noted.length = 0
      return within(tx, authority, request, noted)
    })
    if (made._tag === "Stream") return { _tag: "Stream" }
    if (made._tag === "Elsewhere") {
      const checks = JSON.stringify(noted)
      yield* step(() => keep(tx, scope, { body, checks, until: tx.now + timeout + grace, answer: null }))
      return { _tag: "Elsewhere", checks }
    }
    const result = made._tag === "Parts" ? yield* made.parts : made.result
    const checks = JSON.stringify(noted)
    return yield* step((): Begun => {
      const answer = { result, seq: tx.changed ? tx.seq : seqOf(tx) }
      keep(tx, scope, { body, checks, until: null, answer: textOf(answer) })
      return { _tag: "Answered", answer, replayed: false }
    })
  }

  /** The answer that is kept; undefined where whoever was to give one is gone. */
  const repeat = (tx: Tx, authority: Authority, request: CallRequest, kept: Kept, body: string) => {
    if (kept.body !== body) {
      throw PorticoError.make("IDEMPOTENCY_MISMATCH", "this Idempotency-Key was used with another body")
    }
    if (kept.answer === null) {
      if ((kept.until ?? 0) <= tx.now) return undefined
      throw PorticoError.make("IN_PROGRESS", "the call with this Idempotency-Key is still running")
    }
    // Boundary: written by us, from checks.
    checkAgain(new Op(tx, authority, tools), JSON.parse(kept.checks) as ReadonlyArray<Check>, request.path)
    return answerOf(kept.answer)
  }

  /** Writes a refusal down. What the call itself had made is gone with it, and is not asked about again. */
  const endRefused = ({ body, scope }: CallId, checks: ReadonlyArray<Check>, refusal: PorticoError) =>
    store.write((tx) => {
      const lasting = checks.filter(([, node]) => nodeByKey(tx, node) !== undefined)
      keep(tx, scope, { body, checks: JSON.stringify(lasting), until: null, answer: textOf(refusal) })
    })

  /** Writes the outcome of a call down, or that there is none. */
  const end = ({ body, scope }: CallId, checks: string, answer: CallAnswer | PorticoError | undefined) =>
    store.write((tx) => {
      if (answer === undefined || (isPorticoError(answer) && !isKept(answer))) forget(tx, scope)
      else keep(tx, scope, { body, checks, until: null, answer: textOf(answer) })
    })

  const elsewhere = (authority: Authority, request: CallRequest, id: CallId, checks: string) =>
    call(authority, request).pipe(
      Effect.onExit((exit) => {
        const error = Exit.isFailure(exit) ? Exit.findErrorOption(exit) : undefined
        const answer = Exit.isSuccess(exit) ? exit.value : error?._tag === "Some" ? error.value : undefined
        return Effect.ignore(end(id, checks, answer))
      })
    )

  return (authority: Authority, request: CallRequest, key: string): Effect.Effect<CallAnswer, PorticoError> =>
    Effect.suspend(() => {
      checkKey(key)
      const { params = null, path, self = null } = request
      const id: CallId = { scope: hash(ownerOf(authority), key), body: hash(JSON.stringify([path, params, self])) }
      let checks: ReadonlyArray<Check> = []
      return store
        .write(
          (tx) => {
            const noted: Array<Check> = []
            checks = noted
            return begin(tx, authority, request, id, noted)
          },
          { long: isLong(request) }
        )
        .pipe(
          Effect.tapError((error) =>
            // What the kernel itself refused was rolled back, with what was to be written down of it.
            isKept(error) && error.code !== "IDEMPOTENCY_MISMATCH"
              ? Effect.ignore(endRefused(id, checks, error))
              : Effect.void
          ),
          Effect.flatMap(({ result: begun }): Effect.Effect<CallAnswer, PorticoError> => {
            if (begun._tag === "Stream") return call(authority, request)
            if (begun._tag === "Elsewhere") return elsewhere(authority, request, id, begun.checks)
            const { answer, replayed } = begun
            if (isPorticoError(answer)) return Effect.fail(answer)
            return Effect.succeed(replayed ? { ...answer, replayed } : answer)
          })
        )
    }).pipe(Effect.catchDefect((thrown) => (isPorticoError(thrown) ? Effect.fail(thrown) : Effect.die(thrown))))
}
