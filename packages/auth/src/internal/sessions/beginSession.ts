import { RequestOrigin } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import { AuthInternals } from "../AuthInternals.ts"
import { atBrowser } from "./browser.ts"
import { csrfToken, setCookie } from "./sessionCookie.ts"

/** The page that asks who somebody is, and that says who is signed in. */
export const home = "/auth/login"

/** Where to go on after signing in: some page of this instance that is not a domain's. */
export const ownPage = (target: string | undefined): string =>
  target !== undefined && target.length <= 2_000 && /^\/(?!\/|d\/)[\x21-\x5b\x5d-\x7e]*$/.test(target) ? target : home

/** Begins the session of somebody who has shown who they are, by `method`. */
export const beginSession = Effect.fnUntraced(function* (identity: string, method: string) {
  const { cookie, sessionLifetime, sessions } = yield* AuthInternals
  const from = RequestOrigin.of(yield* HttpServerRequest.HttpServerRequest)
  const { id, value } = yield* sessions.begin(identity, { method, from })
  return { id, csrfToken: csrfToken(value), cookie: setCookie(cookie, value, sessionLifetime) }
})

/** The session that the browser had before ends with the one that begins. */
export const endPrevious = Effect.gen(function* () {
  const { sessions } = yield* AuthInternals
  const before = yield* atBrowser
  if (Option.isSome(before)) yield* Effect.ignore(sessions.end(before.value.node.id, before.value.session.id))
})
