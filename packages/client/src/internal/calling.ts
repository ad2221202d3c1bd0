import {
  type AnyCallable,
  type Codec,
  codeItems,
  inputRefused,
  isPorticoError,
  itemsOf,
  PorticoError
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CallOptions, SentInput } from "../Calls.ts"
import type { CallAnswer, CallRequest, Transport } from "../Transport.ts"
import { address, decodeResult, encodeParams } from "./coding.ts"

/** What a call may be told, typed or not. */
export type AnyOptions = CallOptions & SentInput

type Output = "stream" | "binary"
type Called = AnyCallable | string

const wrongForm = (path: string, gives: Output | "value"): PorticoError => {
  const how = {
    stream: "gives values one after another: use stream()",
    binary: "gives bytes: use bytes()",
    value: "gives a value and no stream: use call()"
  }
  return PorticoError.make("INVALID_PARAMS", `${path} ${how[gives]}.`)
}

const noKey = PorticoError.make("INVALID_PARAMS", "An idempotency key is not for a call that reads a stream.")

/** What a caller sends, as a stream. Boundary: what is neither of the others is an iterable, as its type says. */
const streamOf = (input: NonNullable<SentInput["input"]>): Stream.Stream<unknown, unknown> =>
  itemsOf(input) ?? Stream.fromIterable(input as Iterable<unknown>)

/** What a typed callable is sent, as it travels. */
const inputFor = (
  callable: AnyCallable,
  { input, inputType }: SentInput
): Effect.Effect<Pick<CallRequest, "input" | "inputType">, PorticoError> =>
  Effect.suspend(() => {
    const { input: reads } = callable.definition
    if (reads === "value") return input === undefined ? Effect.succeed({}) : Effect.fail(readsNothing(callable))
    if (input === undefined) return Effect.fail(lacksInput(callable))
    if (reads === "binary") {
      return Effect.succeed({ input: streamOf(input), inputType: inputType ?? "application/octet-stream" })
    }
    // Boundary: `AnyCallable` forgets what its codec encodes; the public signature holds the caller to it.
    const { encode } = callable.takes as Codec<unknown, unknown>
    return Effect.succeed({ input: codeItems(streamOf(input), encode, inputRefused) })
  })

const readsNothing = ({ path }: AnyCallable): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${path} reads no stream: give it all in params.`)
const lacksInput = ({ path }: AnyCallable): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${path} reads a stream: give it as input.`, {
    issues: [{ path: ["input"], code: "required", message: "is required" }]
  })

const inputAsGiven = ({ input, inputType }: SentInput): Pick<CallRequest, "input" | "inputType"> => ({
  ...(input === undefined ? undefined : { input: streamOf(input) }),
  ...(inputType === undefined ? undefined : { inputType })
})

/** Calls over a transport, typed by a callable or by an address with JSON both ways. */
export const makeCalling = (transport: Transport) => {
  const send = (
    path: string,
    params: unknown,
    options: AnyOptions,
    input: Pick<CallRequest, "input" | "inputType">,
    output?: Output
  ): Effect.Effect<CallAnswer, PorticoError> =>
    Effect.gen(function* () {
      const self = options.self === undefined ? undefined : yield* address(options.self)
      if (input.input !== undefined && options.idempotencyKey !== undefined) return yield* noKey
      const request: CallRequest = {
        path,
        ...(params === undefined ? undefined : { params }),
        ...(self === undefined ? undefined : { self }),
        ...input
      }
      const answer = yield* transport(request, output === undefined ? options : { ...options, output })
      if (answer.output !== output) return yield* wrongForm(path, answer.output ?? "value")
      return answer
    })

  const sendTyped = (callable: AnyCallable, params: unknown, options: AnyOptions, output?: Output) =>
    Effect.gen(function* () {
      const gives = callable.definition.output
      if (gives !== (output ?? "value")) return yield* wrongForm(callable.path, gives)
      if (callable.kind === "method" && !callable.static && options.self === undefined) {
        return yield* PorticoError.make(
          "METHOD_IS_INSTANCE",
          `${callable.path} is called on a node: pass { self: "/path" } after the params.`
        )
      }
      const encoded = yield* encodeParams(callable, params)
      return yield* send(callable.path, encoded, options, yield* inputFor(callable, options), output)
    })

  /** The answer of a call that means to get `output`. */
  const answer = (called: Called, params: unknown, options: AnyOptions, output?: Output) =>
    typeof called === "string"
      ? send(called, params, options, inputAsGiven(options), output)
      : sendTyped(called, params, options, output)

  /** What comes of a call, each piece as `code` reads it. */
  const pieces = (
    called: Called,
    output: Output,
    [params, options = {}]: readonly [params?: unknown, options?: AnyOptions]
  ): Stream.Stream<unknown, unknown> =>
    Stream.unwrap(
      // Boundary: where there is an output, the result is a stream that needs no services.
      Effect.map(answer(called, params, options, output), ({ result }) => result as Stream.Stream<unknown, unknown>)
    )

  return {
    call: (called: Called, params?: unknown, options: AnyOptions = {}): Effect.Effect<unknown, PorticoError> =>
      Effect.flatMap(answer(called, params, options), ({ result }) =>
        typeof called === "string" ? Effect.succeed(result) : decodeResult(called, result)
      ),
    stream: (
      called: Called,
      ...args: [params?: unknown, options?: AnyOptions]
    ): Stream.Stream<unknown, PorticoError> => {
      const items = pieces(called, "stream", args)
      if (typeof called === "string") return Stream.mapError(items, told)
      return Stream.mapError(
        codeItems(items, called.result.decode, (error, index) => notAsAgreed(called, error, index)),
        told
      )
    },
    bytes: (called: Called, ...args: [params?: unknown, options?: AnyOptions]) =>
      Stream.mapError(pieces(called, "binary", args), told)
  }
}

const notAsAgreed = ({ path }: AnyCallable, error: PorticoError, index: number): PorticoError =>
  PorticoError.make("CONTRACT_MISMATCH", `${path} gave what its contract does not say, as item ${index}.`, {
    index,
    issues: error.details?.issues
  })

const told = (error: unknown): PorticoError =>
  isPorticoError(error) ? error : PorticoError.make("UNAVAILABLE", `The stream broke off (${String(error)}).`)
