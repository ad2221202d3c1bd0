import { CurrentCaller, GateError, RequestOrigin } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import type { Origin } from "../../AuditEvent.ts"
import type { IssuedToken } from "../../Auth.ts"
import { isNarrowed } from "../callers.ts"
import type { AtBrowser } from "../sessions/browser.ts"

const secret = { headers: { "cache-control": "no-store" } }

/** JSON that is for nobody else. */
export const json = (body: unknown, status = 200) => HttpServerResponse.jsonUnsafe(body, { ...secret, status })

export const tokenAnswer = ({ expiresAt, token }: IssuedToken) => ({
  accessToken: token,
  tokenType: "Bearer",
  expiresAt
})

/** Where the request comes from, and what was shown with it. */
export const origin = Effect.gen(function* () {
  const { caller } = yield* CurrentCaller
  const from = RequestOrigin.of(yield* HttpServerRequest.HttpServerRequest)
  if (Option.isNone(caller)) return from
  const { id, kind } = caller.value.credential
  return { ...from, through: { kind, id } }
})

/** Where a form comes from, and the session that it was sent in: its route is public and looks for that itself. */
export const originOfForm = ({ session }: AtBrowser) =>
  Effect.map(
    HttpServerRequest.HttpServerRequest,
    (request): Origin => ({ ...RequestOrigin.of(request), through: { kind: "session", id: session.id } })
  )

const narrowed = GateError.make("PERMISSION_DENIED", "This needs a credential that stands for all one may do.", {
  headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="full"' }
})

/** The caller of a route that requires one, narrowed or not. */
export const shownCaller = Effect.flatMap(CurrentCaller, ({ caller }) =>
  Option.isNone(caller) ? Effect.fail(GateError.make("UNAUTHENTICATED")) : Effect.succeed(caller.value)
)

/** The caller of a route that requires one, and that is about the identity itself: no part of its standing is enough. */
export const caller = Effect.flatMap(shownCaller, (caller) =>
  isNarrowed(caller) ? Effect.fail(narrowed) : Effect.succeed(caller)
)
