import { GateError } from "@portico/gate"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type AtBrowser, atBrowser, atSession } from "./browser.ts"

/** Milliseconds since sign-in within which somebody may add a way to sign in. */
const freshFor = 900_000

/** Whether its person has just shown who they are. */
export const isFresh = ({ session }: AtBrowser, now: number): boolean => now - session.signedInAt < freshFor

const stale = GateError.make(
  "PERMISSION_DENIED",
  "Sign in again first: whoever finds an open browser must not add a way to sign in."
)

const fresh = (person: AtBrowser) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => (isFresh(person, now) ? Effect.succeed(person) : Effect.fail(stale)))

/** Whoever sits at the browser and has just signed in there. Nothing but a session is enough. */
export const freshSession = Effect.flatMap(atBrowser, (person) =>
  Option.isNone(person) ? Effect.fail(stale) : fresh(person.value)
)

/** The same on a route that is public and looks itself, for what is no form. */
export const freshAtSession = Effect.flatMap(atSession, fresh)
