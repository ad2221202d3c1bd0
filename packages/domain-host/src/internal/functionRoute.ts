import {
  type Caller,
  CurrentCaller,
  FrameworkSettings,
  GateError,
  type HttpFailure,
  isHttpFailure,
  RequestOrigin
} from "@portico/gate"
import { Authenticator } from "@portico/gate/contracts"
import { Authority, type CallAnswer, type DispatchCall, jsonItems, Kernel, piecesResponse } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { DomainHost } from "../DomainHost.ts"
import { type FunctionMatch, matchFunction } from "./functionMatch.ts"
import { baseOf, handlerRequest, paramsOf, withoutCookies } from "./functionRequest.ts"
import { asGiven, asPieces, enveloped, refusalOf, sandboxed } from "./functionResponse.ts"
import { CurrentIncoming, type Incoming } from "./incoming.ts"

/** Who calls the function, as far as it wants to know. Cookies are not looked at, tokens are. */
const callerOf = Effect.fnUntraced(function* (
  { contract }: FunctionMatch,
  request: HttpServerRequest.HttpServerRequest
): Effect.fn.Return<Option.Option<Caller>, HttpFailure, Authenticator> {
  if (contract.auth === "public") return Option.none()
  const authenticator = yield* Authenticator
  const caller = yield* authenticator.authenticate(withoutCookies(request))
  if (Option.isNone(caller) && contract.auth === "required") {
    return yield* GateError.make("UNAUTHENTICATED", "This function needs a credential.", {
      headers: { "www-authenticate": authenticator.challenge ?? "Bearer" }
    })
  }
  return caller
})

/**
 * A `public` function is for everybody who knows its URL: it needs no USE, so the call goes past the kernel straight to
 * the domain, anonymous. All others are calls of the kernel like any other, and authorized by it.
 */
const callFunction = Effect.fnUntraced(function* (
  match: FunctionMatch,
  caller: Option.Option<Caller>,
  from: RequestOrigin,
  { input, params }: Given
): Effect.fn.Return<CallAnswer, PorticoError, Kernel | DomainHost | FrameworkSettings> {
  const kernel = yield* Kernel
  const { origin } = match.local.definition
  const path = `/:${origin}:function.${match.slug}`
  if (match.contract.auth !== "public") {
    const authority = Authority.fromCaller(Option.getOrUndefined(caller), from)
    return yield* kernel.call(authority, { path, params, ...input })
  }
  const node = yield* kernel.node(path)
  const domain = yield* kernel.node(`/:${origin}`)
  if (Option.isNone(node) || Option.isNone(domain)) {
    return yield* PorticoError.make("NOT_FOUND", "Nothing answers at this address.")
  }
  const now = yield* Clock.currentTimeMillis
  const call: DispatchCall = {
    callable: {
      origin,
      name: match.slug,
      nodeId: node.value.id,
      domainId: domain.value.id,
      contract: match.contract
    },
    params,
    ...input,
    authority: Authority.fromCaller(undefined, from),
    // Also of what streams: whoever is nobody holds nothing for long.
    deadline: now + (yield* FrameworkSettings).requestTimeout,
    depth: 1,
    callId: crypto.randomUUID()
  }
  const result = yield* (yield* DomainHost).dispatch(call)
  const { output } = match.contract
  return { result, seq: 0, ...(output === "value" ? undefined : { output }) }
})

/** What a request says to a function. */
interface Given {
  readonly params: Readonly<Record<string, unknown>>
  readonly input: { readonly input?: Stream.Stream<unknown, PorticoError> }
}

/** Whether an answer that lasts may go on: while the instance runs, and the same caller shows a good credential. */
const guardOf = (match: FunctionMatch, caller: Option.Option<Caller>, request: HttpServerRequest.HttpServerRequest) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Authenticator>()
    const { again = Effect.succeedNone } = yield* CurrentCaller
    return Effect.gen(function* () {
      yield* again
      const now = yield* Effect.provideContext(callerOf(match, request), context)
      if (Option.getOrUndefined(now)?.id === Option.getOrUndefined(caller)?.id) return
      return yield* PorticoError.make("UNAUTHENTICATED", "the credential is not the same any more")
    })
  })

const answer = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const domains = yield* DomainHost.localDomains.ref
  const find = (origin: string) => domains.current.find(({ value }) => value.definition.origin === origin)?.value
  const matched = matchFunction(find, request.method, request.url)
  if (Result.isFailure(matched)) return yield* Effect.fail(refusalOf(matched.failure))
  const match = matched.success
  const caller = yield* callerOf(match, request)
  const body = new Uint8Array(yield* request.arrayBuffer)
  const { publicUrl } = yield* FrameworkSettings
  const incoming: Incoming = {
    request: handlerRequest(request, baseOf(request, publicUrl), body),
    response: undefined
  }
  const params = yield* paramsOf(match, incoming.request)
  const input = match.contract.input === "stream" ? { input: jsonItems(Stream.make(body)) } : {}
  const answer = yield* Effect.provideService(
    callFunction(match, caller, RequestOrigin.of(request), { params, input }),
    CurrentIncoming,
    incoming
  )
  if (incoming.response !== undefined) return asGiven(incoming.response)
  if (answer.output === undefined) return enveloped(answer.result)
  const guard = yield* guardOf(match, caller, request)
  return asPieces(yield* piecesResponse(answer, { accept: request.headers.accept, guard }))
})

/** `/d/<origin>/functions/<slug>`, and where functions declare routes of their own. */
export const functionRoute = {
  id: "route:functions",
  scope: "public",
  mountPath: "/d/*",
  method: "*",
  // Each function says itself who may call it, and cookies do not count here.
  auth: "public",
  description: "Functions of domains by their own URL.",
  handle: Effect.mapError(answer, (error) => (isHttpFailure(error) ? sandboxed(error) : error))
} as const
