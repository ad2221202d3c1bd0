import { GateError } from "@portico/gate"
import { Kernel, type NodeView } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import { AuthInternals } from "../AuthInternals.ts"
import { hasCsrfToken } from "../authenticator.ts"
import { isCrossSite } from "./crossSite.ts"
import { csrfToken, readCookie } from "./sessionCookie.ts"
import type { GoodSession } from "./sessions.ts"

/** Whoever sits at the browser, as far as it has a session. */
export interface AtBrowser {
  readonly session: GoodSession
  readonly node: NodeView
  /** What forms of our pages send along. */
  readonly csrf: string
}

/** The session behind a page of ours, for routes that are public and look themselves. */
export const atBrowser = Effect.gen(function* () {
  const { cookie, sessions } = yield* AuthInternals
  const request = yield* HttpServerRequest.HttpServerRequest
  const value = readCookie(request.headers.cookie, cookie)
  if (value === undefined) return Option.none<AtBrowser>()
  const session = yield* Effect.catchIf(
    sessions.verify(value),
    (error) => typeof error === "string",
    () => Effect.undefined
  )
  if (session === undefined) return Option.none<AtBrowser>()
  const node = yield* (yield* Kernel).node(`@${session.identity}`)
  return Option.map(node, (node): AtBrowser => ({ session, node, csrf: csrfToken(value) }))
})

const fromElsewhere = GateError.make("PERMISSION_DENIED", "This form was not sent by a page of this instance.")

/** Refuses what another site's page has sent here (RFC 6749, section 10.12; login CSRF as well). */
export const fromOurPage = Effect.gen(function* () {
  const { origins } = yield* AuthInternals
  const request = yield* HttpServerRequest.HttpServerRequest
  if (isCrossSite(request, origins)) yield* fromElsewhere
})

/** Whoever has sent a form of ours, which has to hold the token of their session. `None` without a session. */
export const submitter = Effect.fnUntraced(function* (token: string | undefined) {
  yield* fromOurPage
  const { cookie } = yield* AuthInternals
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const value = readCookie(headers.cookie, cookie)
  const person = yield* atBrowser
  if (Option.isSome(person) && !hasCsrfToken(value ?? "", token)) yield* fromElsewhere
  return person
})

const noSession = GateError.make("UNAUTHENTICATED", "This needs the cookie of a session.")

/** Whose browser a script of a page acts in: the cookie of their session, and its token in `X-CSRF-Token`. */
export const atSession = Effect.gen(function* () {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const person = yield* submitter(headers["x-csrf-token"])
  return Option.isSome(person) ? person.value : yield* noSession
})
