import { GateError } from "@portico/gate"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type AtBrowser, atBrowser } from "./browser.ts"

/** Milliseconds since sign-in within which somebody may add a way to sign in. */
const freshFor = 900_000

/** Whether its person has just shown who they are. */
export const isFresh = ({ session }: AtBrowser, now: number): boolean => now - session.signedInAt < freshFor

const stale = GateError.make(
  "PERMISSION_DENIED",
  "Sign in again first: whoever finds an open browser must not add a way to sign in."
)

/** Whoever sits at the browser and has just signed in there. Nothing but a session is enough. */
export const freshSession = Effect.gen(function* () {
  const person = yield* atBrowser
  if (Option.isNone(person) || !isFresh(person.value, yield* Clock.currentTimeMillis)) return yield* stale
  return person.value
})
