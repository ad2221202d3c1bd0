import { addressOf, type CallRequest, type GraphClient, makeGraphClient, type Target } from "@portico/client"
import { type AnyCallable, type Codec, isPorticoError, itemsOf, PorticoError, type ResultOf } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

/** What a canned answer may be: the result as JSON, an error, or a function of the call. */
export type CannedAnswer = unknown | PorticoError | ((request: CallRequest) => unknown)

/** What a typed callable may be told to answer. */
export type Canned<C extends AnyCallable> =
  ResultOf<C> extends AsyncIterable<infer A>
    ? C["definition"]["output"] extends "value"
      ? ResultOf<C>
      : ReadonlyArray<A>
    : ResultOf<C>

/** A call by its address; `{ callable, self }` is the address that an instance method is called at. */
export type CallAt = string | AnyCallable | { readonly callable: AnyCallable; readonly self: Target }

/** A kernel that answers what it was told to, and remembers what it was asked. */
export interface FakeKernel {
  /** Give this to a handler as `kernel`, `caller` or what `selfKernel()` returns. */
  readonly kernel: GraphClient
  /** Every call, in order. */
  readonly calls: ReadonlyArray<CallRequest>
  /**
   * Answers the next call at this address; several answers for one address are given one after the other, and the
   * last one again from then on. A typed callable's answer is its decoded result, of one that streams the list of its
   * items.
   */
  readonly answer: {
    <C extends AnyCallable>(
      at: C | { readonly callable: C; readonly self: Target },
      answer: Canned<C> | PorticoError
    ): FakeKernel
    (at: string, answer: CannedAnswer): FakeKernel
  }
  /** Throws, showing both lists, unless the calls were just these, in this order. */
  readonly expectCalls: (expected: ReadonlyArray<CallAt>) => void
}

const addressed = (at: CallAt): string => {
  if (typeof at === "string") return at
  return "callable" in at ? `${addressOf(at.self)} ${at.callable.path}` : at.path
}

const requested = ({ path, self }: CallRequest): string => (self === undefined ? path : `${self} ${path}`)

const record = (): FakeKernel => {
  const calls: Array<CallRequest> = []
  const answers = new Map<string, Array<unknown>>()

  const next = (request: CallRequest): unknown => {
    const key = requested(request)
    // An instance method may be canned for one node, or for all.
    const canned = answers.get(key) ?? answers.get(request.path)
    if (canned === undefined) {
      throw PorticoError.make(
        "INTERNAL",
        `FakeKernel was not told what ${key} answers: .answer(${JSON.stringify(key)}, …)`
      )
    }
    const answer = canned.length > 1 ? canned.shift() : canned[0]
    return typeof answer === "function" ? answer(request) : answer
  }

  const fake: FakeKernel = {
    kernel: makeGraphClient((request, options) =>
      Effect.gen(function* () {
        const asked = yield* read(request)
        calls.push(asked)
        const result = yield* Effect.try({ try: () => next(asked), catch: (cause) => cause })
        if (isPorticoError(result)) return yield* result
        const seq = calls.length
        if (options?.output === undefined) return { result, seq }
        // Boundary: what is canned for what streams is a list of its pieces.
        const pieces = itemsOf(result) ?? Stream.fromIterable(result as Iterable<unknown>)
        return { result: pieces, seq, output: options.output }
      }).pipe(Effect.catch((cause) => (isPorticoError(cause) ? Effect.fail(cause) : Effect.die(cause))))
    ),
    calls,
    answer: (at: CallAt, answer: unknown) => {
      const key = addressed(at)
      const before = answers.get(key) ?? []
      before.push(typeof at === "string" ? answer : encoded("callable" in at ? at.callable : at, answer))
      answers.set(key, before)
      return fake
    },
    expectCalls: (expected) => {
      const wanted = expected.map(addressed)
      const got = calls.map(requested)
      if (wanted.length === got.length && wanted.every((one, index) => one === got[index])) return
      throw new Error(`Expected the calls\n  ${wanted.join("\n  ")}\nbut there were\n  ${got.join("\n  ") || "none"}`)
    }
  }
  return fake
}

/** A call with all that it sends, which is remembered and may be read again. */
const read = (request: CallRequest): Effect.Effect<CallRequest, unknown> =>
  request.input === undefined
    ? Effect.succeed(request)
    : Effect.map(Stream.runCollect(request.input), (items) => ({ ...request, input: Stream.fromIterable(items) }))

/** Canned results of typed callables are given as the handler would see them, and travel as JSON. */
const encoded = (callable: AnyCallable, answer: unknown): unknown => {
  if (isPorticoError(answer) || callable.definition.output === "binary") return answer
  // Boundary: `AnyCallable` forgets what its codec encodes; `answer` was typed by it.
  const encode = (value: unknown) => Result.getOrThrow((callable.result as Codec<unknown, unknown>).encode(value))
  return callable.definition.output === "stream" ? (answer as ReadonlyArray<unknown>).map(encode) : encode(answer)
}

/**
 * Kernels for unit tests.
 *
 * @example
 * ```ts
 * import { FakeKernel } from "@portico/domain/testing"
 *
 * const fake = FakeKernel.record().answer("/contacts/ada::get", { id: "1", path: "/contacts/ada", rev: 1 })
 * await fake.kernel.get("/contacts/ada")
 * fake.expectCalls(["/contacts/ada::get"])
 * ```
 */
export const FakeKernel = { record } as const
