import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ErrorReporter from "effect/ErrorReporter"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Target } from "./Endpoint.ts"

type Answer = Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, unknown>

/** An endpoint with its handler, as effect/http-api has built it. */
export interface BuiltEndpoint {
  readonly api: HttpApi.Top
  readonly group: HttpApiGroup.Top
  readonly endpoint: HttpApiEndpoint.Top
  /** What the module's author wrote. It is given what the endpoint declares, decoded. */
  readonly handler: (input: Record<string, unknown>) => Effect.Effect<unknown, unknown, unknown>
  /** What the handler was built with. */
  readonly services: Context.Context<never>
  /** The endpoint as effect/http-api answers it. */
  readonly whole: Target["handler"]
}

/**
 * A short cut through an endpoint that takes and gives JSON and asks for nothing out of the ordinary; `undefined` where
 * it does. It does for a request that is as declared what effect/http-api would do, with less around it, and leaves all
 * others to it: what cannot be decoded at once is read again there, from the start, before the handler has run.
 */
export const quickEndpoint = (built: BuiltEndpoint): Target["handler"] | undefined => {
  const { endpoint, group, handler, whole } = built
  const status = plainStatus(built)
  if (status === undefined) return undefined
  const [success] = endpoint.success
  const encode = encoderOf(success)
  const decodePayload = payloadDecoder(endpoint)
  const decodeSlots = slotsOf(endpoint)
  const failed = failureOf(built)

  const respond = (value: unknown): Answer => {
    if (HttpServerResponse.isHttpServerResponse(value)) return Effect.succeed(value)
    const encoded = encode(value)
    return Exit.isExit(encoded) && Exit.isSuccess(encoded)
      ? jsonResponse(encoded.value, status)
      : Effect.flatMap(Effect.orDie(HttpApiSchemaError.wrap("Body", encoded)), (json) => jsonResponse(json, status))
  }
  const run = (input: Record<string, unknown>): Answer =>
    Effect.matchCauseEffectEager(handler(input), { onSuccess: respond, onFailure: failed })

  const answer = Effect.withFiber<HttpServerResponse.HttpServerResponse, unknown, unknown>((fiber) => {
    // The gate has put all of these there.
    const context = fiber.context as Context.Context<RequestParts>
    const request = Context.getUnsafe(context, HttpServerRequest.HttpServerRequest)
    const input: Record<string, unknown> = { request, endpoint, group }
    for (const { decode, name, read } of decodeSlots) {
      const decoded = decode(read(context, request))
      if (!Exit.isExit(decoded) || !Exit.isSuccess(decoded)) return whole
      input[name] = decoded.value
    }
    if (decodePayload === undefined) return run(input)
    if ((request.headers["content-type"] ?? json) !== json) return whole
    return Effect.matchCauseEffectEager(request.text, {
      onFailure: () => whole,
      onSuccess: (text) => {
        const decoded = decodePayload(text)
        if (decoded === undefined || !Exit.isExit(decoded) || !Exit.isSuccess(decoded)) return whole
        input.payload = decoded.value
        return run(input)
      }
    })
  })
  // Its services are those that the handler was built with, which whoever runs it provides.
  return answer as Target["handler"]
}

type RequestParts = HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext | HttpServerRequest.ParsedSearchParams

const json = "application/json"

/** Encodings and headers that effect/http-api keeps with a schema. */
const isMarked = (ast: SchemaAST.AST): boolean =>
  Reflect.ownKeys(SchemaAST.resolve(ast) ?? {}).some((key) => typeof key === "string" && key.startsWith("~httpApi"))

/** Annotations that say how a slot is read or written. */
const readingOptions = [
  HttpApi.ParseOptions,
  HttpApi.ParamsParseOptions,
  HttpApi.QueryParseOptions,
  HttpApi.HeadersParseOptions,
  HttpApi.PayloadParseOptions,
  HttpApi.SuccessParseOptions,
  HttpApi.ErrorParseOptions
]

/** The status of a success, if nothing about the endpoint is out of the ordinary. */
const plainStatus = ({ api, endpoint, group, services }: BuiltEndpoint): number | undefined => {
  if (endpoint.middlewares.size > 0 || endpoint.success.size !== 1 || endpoint.payload.size > 1) return undefined
  const [payload] = endpoint.payload
  if (payload !== undefined && (payload[0] !== json || payload[1].encoding._tag !== "Json")) return undefined
  const told = [api, group, endpoint].some(({ annotations }) =>
    readingOptions.some((option) => annotations.mapUnsafe.has(option.key))
  )
  // Whoever wants to hear of failures hears of them from effect/http-api.
  if (told || services.mapUnsafe.has(ErrorReporter.CurrentErrorReporters.key)) return undefined
  return successStatus(api, endpoint)
}

const successStatus = (api: HttpApi.Top, endpoint: HttpApiEndpoint.Top): number | undefined => {
  const [success] = endpoint.success
  if (success === undefined || HttpApiSchema.isWithHeaders(success) || isMarked(success.ast)) return undefined
  if (HttpApiSchema.isNoContent(success.ast)) return undefined
  let status: number | undefined
  HttpApi.reflect(api, {
    predicate: (each) => each.endpoint === endpoint,
    onGroup: () => {},
    // Streams and upgrades are not among them.
    onEndpoint: ({ successes }) => {
      const [only] = successes
      if (successes.size === 1 && only?.[1].length === 1 && only[1][0] === success) status = only[0]
    }
  })
  return status
}

type Coder = (value: unknown) => Effect.Effect<unknown, Schema.SchemaError, unknown>

const encoderOf = (schema: Schema.Top | undefined): Coder => Schema.encodeUnknownEffect(schema ?? Schema.Never)

const payloadDecoder = (
  endpoint: HttpApiEndpoint.Top
): ((text: string) => ReturnType<Coder> | undefined) | undefined => {
  const [payload] = endpoint.payload.values()
  if (payload === undefined) return undefined
  const [first, ...others] = payload.schemas
  const decode: Coder = Schema.decodeUnknownEffect(others.length === 0 ? first : Schema.Union(payload.schemas))
  return (text) => {
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      return undefined
    }
    return decode(parsed)
  }
}

interface Slot {
  readonly name: "params" | "headers" | "query"
  readonly decode: Coder
  readonly read: (context: Context.Context<RequestParts>, request: HttpServerRequest.HttpServerRequest) => unknown
}

/** What a request is read for beside its body, in the order in which effect/http-api does. */
const slotsOf = ({ headers, params, query }: HttpApiEndpoint.Top): ReadonlyArray<Slot> => {
  const slots: Array<Slot> = []
  if (params !== undefined) {
    const read: Slot["read"] = (context) => Context.getUnsafe(context, HttpRouter.RouteContext).params
    slots.push({ name: "params", decode: Schema.decodeUnknownEffect(params), read })
  }
  if (headers !== undefined) {
    slots.push({ name: "headers", decode: Schema.decodeUnknownEffect(headers), read: (_, request) => request.headers })
  }
  if (query !== undefined) {
    const read: Slot["read"] = (context) => Context.getUnsafe(context, HttpServerRequest.ParsedSearchParams)
    const decode: Coder = Schema.decodeUnknownEffect(Schema.toCodecArrayFromSingle(query))
    slots.push({ name: "query", decode, read })
  }
  return slots
}

/** As effect/http-api answers JSON; what is no JSON is the handler's mistake. */
const jsonResponse = (value: unknown, status: number): Answer => {
  if (value === undefined) return Effect.succeed(HttpServerResponse.empty({ status }))
  let text: string
  try {
    text = JSON.stringify(value)
  } catch {
    const issue = new SchemaIssue.InvalidValue({ expected: "a JSON-serializable response body" })
    return Effect.die(new HttpApiSchemaError({ kind: "Body", cause: new Schema.SchemaError(issue) }))
  }
  return Effect.succeed(HttpServerResponse.text(text, { status, contentType: json }))
}

/** What the handler failed with, for an endpoint whose handler does just that. */
const CurrentFailure = Context.Reference<unknown>("@portico/gate/CurrentFailure", { defaultValue: () => undefined })

/** Failures are encoded by effect/http-api: by the same endpoint, whose handler does nothing but fail. */
const failureOf = ({ api, endpoint, group, services }: BuiltEndpoint): ((cause: Cause.Cause<unknown>) => Answer) => {
  let failing: Answer | undefined
  const build: Effect.Effect<Answer, unknown, unknown> = HttpApiBuilder.endpoint(
    api,
    group.identifier as never,
    endpoint.identifier as never,
    (() => Effect.flatMap(Effect.service(CurrentFailure), Effect.fail)) as never
  )
  const built: Effect.Effect<Answer, unknown> = Effect.suspend(() =>
    failing === undefined
      ? Effect.map(Effect.provideContext(build, services as Context.Context<unknown>), (effect) => {
          failing = effect
          return effect
        })
      : Effect.succeed(failing)
  )
  return (cause) => {
    const error = Cause.findErrorOption(cause)
    if (error._tag === "None") return Effect.failCause(cause)
    return Effect.flatMap(built, (effect) => Effect.provideService(effect, CurrentFailure, error.value))
  }
}
