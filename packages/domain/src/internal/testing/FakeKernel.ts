import { addressOf, type CallRequest, type GraphClient, makeGraphClient, type Target } from "@portico/client"
import { type AnyCallable, type Codec, isPorticoError, PorticoError, type ResultOf } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** What a canned answer may be: the result as JSON, an error, or a function of the call. */
export type CannedAnswer = unknown | PorticoError | ((request: CallRequest) => unknown)

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
   * last one again from then on. A typed callable's answer is its decoded result.
   */
  readonly answer: {
    <C extends AnyCallable>(
      at: C | { readonly callable: C; readonly self: Target },
      answer: ResultOf<C> | PorticoError
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
    kernel: makeGraphClient((request) =>
      Effect.suspend(() => {
        calls.push(request)
        try {
          const result = next(request)
          return isPorticoError(result) ? Effect.fail(result) : Effect.succeed({ result, seq: calls.length })
        } catch (cause) {
          return isPorticoError(cause) ? Effect.fail(cause) : Effect.die(cause)
        }
      })
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

/** Canned results of typed callables are given as the handler would see them, and travel as JSON. */
const encoded = (callable: AnyCallable, answer: unknown): unknown => {
  if (isPorticoError(answer)) return answer
  // Boundary: `AnyCallable` forgets what its codec encodes; `answer` was typed by it.
  return Result.getOrThrow((callable.result as Codec<unknown, unknown>).encode(answer))
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
