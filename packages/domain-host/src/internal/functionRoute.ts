import {
  type Caller,
  FrameworkSettings,
  GateError,
  type HttpFailure,
  isHttpFailure,
  RequestOrigin
} from "@portico/gate"
import { Authenticator } from "@portico/gate/contracts"
import { Authority, type DispatchCall, Kernel } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { DomainHost } from "../DomainHost.ts"
import { type FunctionMatch, matchFunction } from "./functionMatch.ts"
import { baseOf, handlerRequest, paramsOf, withoutCookies } from "./functionRequest.ts"
import { asGiven, enveloped, refusalOf, sandboxed } from "./functionResponse.ts"
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
  params: Readonly<Record<string, unknown>>
): Effect.fn.Return<unknown, PorticoError, Kernel | DomainHost | FrameworkSettings> {
  const kernel = yield* Kernel
  const { origin } = match.local.definition
  const path = `/:${origin}:function.${match.slug}`
  if (match.contract.auth !== "public") {
    const authority = Authority.fromCaller(Option.getOrUndefined(caller), from)
    const { result } = yield* kernel.call(authority, { path, params })
    return result
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
    authority: Authority.fromCaller(undefined, from),
    deadline: now + (yield* FrameworkSettings).requestTimeout,
    depth: 1,
    callId: crypto.randomUUID()
  }
  return yield* (yield* DomainHost).dispatch(call)
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
  const result = yield* Effect.provideService(
    callFunction(match, caller, RequestOrigin.of(request), params),
    CurrentIncoming,
    incoming
  )
  return incoming.response === undefined ? enveloped(result) : asGiven(incoming.response)
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
