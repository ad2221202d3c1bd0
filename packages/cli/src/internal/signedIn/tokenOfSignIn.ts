import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure } from "../failure.ts"
import { nameOfInstance } from "../instanceUrl.ts"
import { keepSignIn, readSignIns, type SignIn } from "./signIns.ts"

/** A token that ends within this is not good enough any more: the instance's clock may be ahead. Milliseconds. */
const margin = 30_000

const isFresh = ({ expiresAt }: SignIn, now: number): boolean => now < expiresAt - margin

const ended = (instance: string) =>
  new CliFailure({
    exit: ExitCode.notSignedIn,
    code: "SIGNED_OUT",
    message: `the sign-in to ${instance} has ended`,
    next: `Sign in again: portico auth login -i ${instance}`
  })

/** The access token of whoever has signed in to an instance, a new one where the last has run out. */
export const tokenOfSignIn = Effect.fnUntraced(function* (url: URL) {
  const instance = nameOfInstance(url)
  const kept = (yield* readSignIns)[instance]
  if (kept === undefined) return undefined
  if (isFresh(kept, yield* Clock.currentTimeMillis)) return kept.accessToken
  const { alone } = yield* Effect.promise(() => import("./alone.ts"))
  return yield* alone(renewed(url))
})

const renewed = Effect.fnUntraced(function* (url: URL) {
  const instance = nameOfInstance(url)
  // Another command may have been here first.
  const kept = (yield* readSignIns)[instance]
  if (kept === undefined) return yield* ended(instance)
  if (isFresh(kept, yield* Clock.currentTimeMillis)) return kept.accessToken
  if (kept.refreshToken === undefined) return yield* ended(instance)
  const { authorizationServer } = yield* Effect.promise(() => import("./authorizationServer.ts"))
  const server = yield* authorizationServer(url)
  const fresh = yield* server.refresh(kept.refreshToken)
  yield* keepSignIn(instance, fresh && { ...fresh, scope: fresh.scope || kept.scope })
  return fresh === undefined ? yield* ended(instance) : fresh.accessToken
})
