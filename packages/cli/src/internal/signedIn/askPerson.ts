/**
 * Asks somebody to let the command in.
 */
import * as Effect from "effect/Effect"
import { CurrentIo, type Io } from "../../Io.ts"
import { say } from "../print.ts"
import { printable } from "../text.ts"
import type { authorizationServer } from "./authorizationServer.ts"
import { loopback } from "./loopback.ts"

type Server = Effect.Success<ReturnType<typeof authorizationServer>>

/** With a code that is entered in a browser on any device (RFC 8628). */
export const byCode = Effect.fnUntraced(function* (server: Server, scope: string) {
  const io = yield* CurrentIo
  const begun = yield* server.begin(scope)
  // Not for --quiet to leave out: without it nobody can go on.
  io.err.write(
    `Open    ${printable(begun.verification_uri)}\nEnter   ${printable(begun.user_code)}\n` +
      `${begun.verification_uri_complete === undefined ? "" : `Or open ${printable(begun.verification_uri_complete)}\n`}`
  )
  yield* say("waiting …")
  return yield* server.wait(begun)
})

/** Through a browser of this machine, which comes back by itself (RFC 8252); nothing where none opens. */
export const byBrowser = Effect.fnUntraced(function* (
  server: Server,
  scope: string,
  browse: NonNullable<Io["browse"]>
) {
  const io = yield* CurrentIo
  const { challenge, state, verifier } = yield* server.secrets
  const place = yield* loopback(state)
  const url = server.authorize({ challenge, redirect: place.redirect, scope, state })
  if (url === undefined || !(yield* Effect.promise(() => browse(url.href)))) return undefined
  io.err.write(`Go on in the browser. If none has opened, open\n${printable(url.href)}\n`)
  yield* say("waiting …")
  return yield* server.redeem(yield* place.comesBack, { state, verifier })
}, Effect.scoped)
