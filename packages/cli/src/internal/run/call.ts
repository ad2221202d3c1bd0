import type { CallAnswer, CallRequest } from "@portico/client"
import type { JsonObject, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { CurrentIo } from "../../Io.ts"
import { type JsonSchema, parseAssignments } from "../../Params.ts"
import { type Callable, Description, decode } from "../answers.ts"
import { describeCallable } from "../describeText.ts"
import { type CliFailure, usage } from "../failure.ts"
import { fileOf } from "../inputFile.ts"
import { patientFetch } from "../patientFetch.ts"
import { jsonText, lineText, printed } from "../print.ts"
import { connect, connectBy } from "../remote.ts"
import { given } from "../transfer.ts"

type Remote = Effect.Success<typeof connect>

const describe = Effect.fnUntraced(function* (remote: Remote, path: string) {
  const description = yield* decode(Description, "a description")(yield* remote.describe(path))
  if (description.kind === "callable") return description.callable
  // The path of a Function node names a callable as well as a node.
  const [only, ...more] = description.callables.filter((callable) => callable.path === path)
  if (only !== undefined && more.length === 0) return only
  return yield* usage(
    `${path} is a node, not something to call`,
    `Name a method of it; they are listed by: portico describe ${path}`
  )
})

const readJson = (text: string, where: string) => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return Effect.fail(usage(`${where} is not JSON: ${why}`))
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? // JSON.parse gives JSON, and this is an object
      Effect.succeed(value as JsonObject)
    : Effect.fail(usage(`${where} must be a JSON object, as params have names`))
}

// The schema of a contract's params is an object schema; anything else types nothing.
const paramsSchema = (callable: Callable): JsonSchema =>
  typeof callable.params === "object" && callable.params !== null && !Array.isArray(callable.params)
    ? (callable.params as JsonObject)
    : true

const readParams = Effect.fnUntraced(function* (remote: Remote, path: string, words: ReadonlyArray<string>) {
  const [first, ...rest] = words
  if (first === undefined) return undefined
  if (first === "-" || first.startsWith("{") || first.startsWith("[")) {
    if (rest.length > 0)
      return yield* usage(`${first === "-" ? "-" : "a JSON object"} stands alone: params come from one place`)
    if (first !== "-") return yield* readJson(first, "the argument")
    const io = yield* CurrentIo
    return yield* readJson(yield* Effect.promise(() => io.stdin.text()), "stdin")
  }
  if (words.includes("-")) return yield* usage("- stands alone: params come from one place")
  const parsed = parseAssignments(words, paramsSchema(yield* describe(remote, path)))
  if (Result.isSuccess(parsed)) return parsed.success
  return yield* usage(parsed.failure.message, `See the params: portico call ${path} --describe`)
})

/** What a callable reads: bytes, or lines of JSON, of a file or of stdin. */
const readInput = Effect.fnUntraced(function* (
  { input, path }: Callable,
  file: string
): Effect.fn.Return<Pick<CallRequest, "input" | "inputType">, CliFailure, CurrentIo> {
  if (input === "value") return yield* usage(`${path} reads nothing but its params`, "Leave out --input")
  const bytes = Stream.fromAsyncIterable(yield* fileOf(file), (cause) => cause)
  return { input: bytes, inputType: input === "stream" ? jsonLines : typeOf(file) }
})

const jsonLines = "application/x-ndjson"

const typeOf = (file: string): string => {
  if (/\.csv$/i.test(file)) return "text/csv"
  return /\.(?:jsonl|ndjson)$/i.test(file) ? jsonLines : "application/octet-stream"
}

/** Items a line each, or the bytes themselves, as they come. */
const printPieces = Effect.fnUntraced(function* ({ output, result }: CallAnswer) {
  const io = yield* CurrentIo
  // Boundary: where there is an output, the result is a stream of the client's.
  const pieces = result as Stream.Stream<unknown, PorticoError>
  const texts =
    output === "binary"
      ? Stream.decodeText(pieces as Stream.Stream<Uint8Array, PorticoError>)
      : Stream.map(pieces, (item) => lineText(item))
  yield* Stream.runForEach(texts, (text) =>
    Effect.andThen(
      Effect.sync(() => io.out.write(text)),
      Effect.promise(async () => io.out.taken?.())
    )
  )
})

/** `portico call PATH [JSON | - | KEY=VALUE …]` */
export const call = Effect.fnUntraced(function* (input: {
  readonly path: string
  readonly params: ReadonlyArray<string>
  readonly describe: boolean
  readonly stream: boolean
  readonly input: Option.Option<string>
  readonly idempotencyKey: Option.Option<string>
}) {
  const file = Option.getOrUndefined(input.input)
  const remote = yield* file === undefined ? connect : connectBy(patientFetch)
  if (input.describe) {
    const callable = yield* describe(remote, input.path)
    return yield* printed(callable, (io) => describeCallable(io, callable))
  }
  if ((input.stream || file !== undefined) && Option.isSome(input.idempotencyKey)) {
    return yield* usage("what streams takes no --idempotency-key")
  }
  if (file === "-" && input.params[0] === "-") return yield* usage("stdin is either the params or the --input")
  const params = yield* readParams(remote, input.path, input.params)
  const callable = input.stream || file !== undefined ? yield* describe(remote, input.path) : undefined
  if (input.stream && callable?.output === "value") {
    return yield* usage(`${input.path} gives a value`, "Leave out --stream")
  }
  const read = callable === undefined || file === undefined ? {} : yield* readInput(callable, file)
  const answer = yield* remote.answer(
    { path: input.path, ...(params === undefined ? {} : { params }), ...read },
    given({ idempotencyKey: input.idempotencyKey })
  )
  if (answer.output !== undefined) return yield* printPieces(answer)
  const io = yield* CurrentIo
  // A method that returns nothing prints nothing.
  if (answer.result !== undefined) io.out.write(jsonText(answer.result))
})
