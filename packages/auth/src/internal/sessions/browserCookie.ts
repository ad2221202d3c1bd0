import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import { AuthInternals } from "../AuthInternals.ts"
import { randomSecret } from "../secrets.ts"
import { type CookieRules, readCookie, setCookie } from "./sessionCookie.ts"

/** Seconds. */
const lifetime = 900

const format = /^[A-Za-z0-9_-]{43}$/

/** Beside the session's: tells a browser from others while nobody is signed in at it yet. */
const rulesOf = ({ name, secure }: CookieRules): CookieRules => ({
  name: name.replace(/session$/, "browser"),
  secure
})

/** What the browser shows, if it has been asked something. */
export const shownBrowser = Effect.gen(function* () {
  const { cookie } = yield* AuthInternals
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const value = readCookie(headers.cookie, rulesOf(cookie))
  return value !== undefined && format.test(value) ? value : undefined
})

/** The same, or something new; and the `Set-Cookie` that keeps it. */
export const askedBrowser = Effect.gen(function* () {
  const { cookie } = yield* AuthInternals
  const browser = (yield* shownBrowser) ?? randomSecret()
  return { browser, cookie: setCookie(rulesOf(cookie), browser, lifetime) }
})
