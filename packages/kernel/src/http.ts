import { CurrentCaller, type Route } from "@portico/gate"
import { bodyStream, jsonBody } from "@portico/gate/http"
import { itemsOf, K, Path, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Authority } from "./Authority.ts"
import { isAfter, parsePosition, positionOf, sinceOf, wholeNumber } from "./internal/changes/position.ts"
import { answerText, jsonText, nodeText } from "./internal/http/answer.ts"
import { asBatch, asCall, asStreamedCall, asWants } from "./internal/http/body.ts"
import { etagOf, matches } from "./internal/http/etag.ts"
import * as openapi from "./internal/http/openapi.ts"
import { type Guard, streamResponse } from "./internal/http/stream.ts"
import { attempt } from "./internal/store/GraphStore.ts"
import { backUpNow, checkNow } from "./internal/upkeep.ts"
import { Kernel, type KernelService } from "./Kernel.ts"
import { piecesResponse } from "./Pieces.ts"

/** On whose behalf a request asks. */
const authority = Effect.map(CurrentCaller, ({ caller, from }) =>
  Authority.fromCaller(Option.getOrUndefined(caller), from)
)

/** A call that is the body of its request. */
const bodyCall = Effect.flatMap(jsonBody, (parsed) => attempt(() => asCall(parsed)))

/** A call in the query of its request, whose body is what the callable reads. */
const streamedCall = Effect.gen(function* () {
  const query = yield* HttpServerRequest.ParsedSearchParams
  if (!Object.hasOwn(query, "path")) return yield* bodyCall
  const request = yield* HttpServerRequest.HttpServerRequest
  const asked = yield* attempt(() => asStreamedCall(query, request.headers["content-type"]))
  const input = Stream.mapError(
    Stream.provideService(bodyStream, HttpServerRequest.HttpServerRequest, request),
    ({ code, details, message }) => PorticoError.fromJson({ code, message, ...(details && { details }) })
  )
  return { ...asked, input }
})

/** `POST /api/call`. */
const call = Effect.gen(function* () {
  const kernel = yield* Kernel
  const caller = yield* authority
  const { headers, url } = yield* HttpServerRequest.HttpServerRequest
  const asked = yield* url.includes("?") ? streamedCall : bodyCall
  const wanted = headers["portico-wants"]
  const request = wanted === undefined ? asked : yield* attempt(() => ({ ...asked, ...asWants(wanted) }))
  const key = headers["idempotency-key"]
  const answer = yield* kernel.call(caller, key === undefined ? request : { ...request, idempotencyKey: key })
  if (answer.replayed === true) {
    return HttpServerResponse.setHeader(jsonText(answerText(answer)), "idempotency-replayed", "true")
  }
  if (answer.output !== undefined) return yield* piecesResponse(answer, { accept: headers.accept, guard: yield* guard })
  return yield* attempt(() => jsonText(answerText(answer)))
})

/** Whether an answer that lasts may go on: as long as the request would still be admitted, as the same caller. */
const guard = Effect.map(
  CurrentCaller,
  ({ again, caller }): Guard =>
    again === undefined
      ? Effect.void
      : Effect.flatMap(again, (now) =>
          idOf(now) === idOf(caller)
            ? Effect.void
            : Effect.fail(PorticoError.make("UNAUTHENTICATED", "the credential is not the same any more"))
        )
)

const idOf = (caller: Option.Option<{ readonly id: string }>): string | undefined => Option.getOrUndefined(caller)?.id

const invalidSince = (name: string) =>
  PorticoError.make("INVALID_PARAMS", `${name} is the number of a commit`, {
    issues: [{ path: [name], code: "since", message: "the number of a commit" }]
  })

/** `GET /api/changes`. */
const changes = Effect.gen(function* () {
  const kernel = yield* Kernel
  const caller = yield* authority
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const { since: from, ...params } = yield* HttpServerRequest.ParsedSearchParams
  const last = headers["last-event-id"]
  const position = last === undefined ? undefined : parsePosition(last)
  if (last !== undefined && position === undefined) return yield* invalidSince("last-event-id")
  const given = typeof from === "string" ? wholeNumber(from) : undefined
  if (from !== undefined && given === undefined) return yield* invalidSince("since")
  const since = position === undefined ? given : sinceOf(position)
  const { result } = yield* kernel.call(caller, {
    path: K.Node.changes.path,
    params: { ...params, ...(since === undefined ? undefined : { since }) }
  })
  const items = itemsOf(result) ?? Stream.empty
  const isNew = (item: unknown) => position === undefined || isAfter(item, position)
  return streamResponse(Stream.filter(items, isNew), {
    wire: headers.accept?.includes("application/x-ndjson") === true ? "ndjson" : "sse",
    guard: yield* guard,
    idOf: positionOf
  })
})

/** One call of a batch: its own outcome, as text. */
const outcome = (kernel: KernelService, caller: Authority, value: unknown, index: number): Effect.Effect<string> =>
  Effect.flatMap(
    attempt(() => asCall(value, `calls[${index}]`)),
    (request) =>
      Effect.flatMap(kernel.call(caller, { ...request, wants: "value" }), (answer) => attempt(() => answerText(answer)))
  ).pipe(Effect.catch((error) => Effect.succeed(JSON.stringify({ error }))))

/** `POST /api/batch`: the calls one after another, each with an outcome of its own. */
const batch = Effect.gen(function* () {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  if (headers["idempotency-key"] !== undefined) {
    return yield* PorticoError.make(
      "INVALID_PARAMS",
      "a batch takes no Idempotency-Key: its calls are made one by one",
      {
        issues: [{ path: ["idempotency-key"], code: "batch", message: "not for a batch" }]
      }
    )
  }
  const kernel = yield* Kernel
  const caller = yield* authority
  const parsed = yield* jsonBody
  const calls = yield* attempt(() => asBatch(parsed))
  const current = yield* CurrentCaller
  if (calls.length > 1) yield* current.alsoCalls?.(calls.length - 1) ?? Effect.void
  const outcomes = yield* Effect.forEach(calls, (value, index) => outcome(kernel, caller, value, index))
  return jsonText(`{"results":[${outcomes.join(",")}]}`)
})

const nodesPrefix = "/api/nodes"

/** The address behind the prefix of a request's URL. */
const nodeAddress = (url: string): Effect.Effect<string, PorticoError> => {
  const mark = url.indexOf("?")
  const rest = (mark === -1 ? url : url.slice(0, mark)).slice(nodesPrefix.length)
  // An id stands behind the slash that ends the prefix; a tree path begins with it.
  const text = /^\/(?:@|%40)/i.test(rest) ? rest.slice(1) : rest === "" ? "/" : rest
  const parsed = Path.parseUrl(text)
  if (Result.isFailure(parsed)) return Effect.fail(parsed.failure)
  return Path.isNodeAddress(parsed.success)
    ? Effect.succeed(Path.format(parsed.success))
    : Effect.fail(PorticoError.make("INVALID_PATH", "this names a method, and a node is wanted here"))
}

/** `GET /api/nodes/*`. */
const node = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const kernel = yield* Kernel
  const caller = yield* authority
  const address = yield* nodeAddress(request.url)
  // The same call as `::get`, so that it asks for the same permissions.
  const { result } = yield* kernel.call(caller, { path: `${address}::get` })
  const etag = etagOf(result)
  const headers = { etag, "cache-control": "private, no-cache", vary: "authorization, cookie" }
  if (matches(request.headers["if-none-match"], etag)) return HttpServerResponse.empty({ status: 304, headers })
  return HttpServerResponse.setHeaders(jsonText(nodeText(result)), headers)
})

/** `GET /api/describe?path=`. */
const describe = Effect.gen(function* () {
  const kernel = yield* Kernel
  const caller = yield* authority
  const { path } = yield* HttpServerRequest.ParsedSearchParams
  if (typeof path !== "string") {
    return yield* PorticoError.make("INVALID_PARAMS", "give one path", {
      issues: [{ path: ["path"], code: "required", message: "is required, once" }]
    })
  }
  return HttpServerResponse.jsonUnsafe(yield* kernel.describe(caller, path))
})

/** `GET /gateway/v1/internal/kernel/check`. */
const check = Effect.map(checkNow, (report) => HttpServerResponse.jsonUnsafe(report))

/** `POST /gateway/v1/internal/kernel/backup`. */
const backup = Effect.map(backUpNow, (made) => HttpServerResponse.jsonUnsafe(made))

/** The kernel's part of the HTTP surface. Laid by hand: a call has to cost little more than the echo of its body. */
export const kernelRoutes = [
  {
    id: "route:call",
    scope: "public",
    mountPath: "/api/call",
    method: "POST",
    auth: "optional",
    longBody: true,
    handle: call,
    openapi: openapi.call
  },
  {
    id: "route:batch",
    scope: "public",
    mountPath: "/api/batch",
    method: "POST",
    auth: "optional",
    handle: batch,
    openapi: openapi.batch
  },
  {
    id: "route:nodes",
    scope: "public",
    mountPath: "/api/nodes/*",
    auth: "optional",
    handle: node,
    openapi: openapi.nodes
  },
  {
    id: "route:changes",
    scope: "public",
    mountPath: "/api/changes",
    auth: "required",
    handle: changes,
    openapi: openapi.changes
  },
  {
    id: "route:describe",
    scope: "public",
    mountPath: "/api/describe",
    auth: "optional",
    handle: describe,
    openapi: openapi.describe
  },
  {
    id: "route:check",
    scope: "internal",
    mountPath: "/gateway/v1/internal/kernel/check",
    auth: "required",
    handle: check,
    openapi: openapi.check
  },
  {
    id: "route:backup",
    scope: "internal",
    mountPath: "/gateway/v1/internal/kernel/backup",
    method: "POST",
    auth: "required",
    handle: backup,
    openapi: openapi.backup
  }
] as const satisfies ReadonlyArray<Route>
