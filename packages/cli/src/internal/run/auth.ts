/**
 * Signing in to instances, and out of them.
 */
import * as Effect from "effect/Effect"
import { CurrentIo } from "../../Io.ts"
import { CliFailure } from "../failure.ts"
import { instanceUrl, isLoopback, nameOfInstance } from "../instanceUrl.ts"
import { printed, say } from "../print.ts"
import { alone } from "../signedIn/alone.ts"
import { byBrowser, byCode } from "../signedIn/askPerson.ts"
import { authorizationServer } from "../signedIn/authorizationServer.ts"
import { keepSignIn, readSignIns, signInsFile } from "../signedIn/signIns.ts"
import { here, nobody, who } from "../signedIn/who.ts"
import { renderFields } from "../table.ts"
import { printable } from "../text.ts"

/** `portico auth login` */
export const login = Effect.fnUntraced(function* (input: { readonly scope: string; readonly device: boolean }) {
  const { device, scope } = input
  const url = yield* instanceUrl
  const instance = nameOfInstance(url)
  if (url.protocol === "http:" && !isLoopback(url)) {
    yield* say(`careful: ${instance} is not encrypted, and whoever is in between can read the tokens`)
  }
  const server = yield* authorizationServer(url)
  const { browse } = yield* CurrentIo
  const inBrowser = device || browse === undefined ? undefined : yield* byBrowser(server, scope, browse)
  const signIn = inBrowser ?? (yield* byCode(server, scope))
  const identity = yield* who(url, signIn.accessToken)
  const before = yield* alone(
    Effect.gen(function* () {
      const before = (yield* readSignIns)[instance]
      yield* keepSignIn(instance, signIn)
      return before
    })
  )
  // What was signed in before has nobody left who could use it.
  if (before !== undefined) yield* Effect.ignore(server.revoke(before.refreshToken ?? before.accessToken))
  yield* printed({ instance, identity, scope: signIn.scope }, (io) =>
    renderFields(io, [
      ["instance", instance],
      ["identity", identity.path],
      ["scope", signIn.scope]
    ])
  )
  yield* say(`signed in; the tokens are in ${yield* signInsFile}`)
})

/** `portico auth logout` */
export const logout = Effect.gen(function* () {
  const url = yield* instanceUrl
  const instance = nameOfInstance(url)
  const signIn = yield* alone(
    Effect.gen(function* () {
      const kept = (yield* readSignIns)[instance]
      if (kept !== undefined) yield* keepSignIn(instance, undefined)
      return kept
    })
  )
  if (signIn === undefined) return yield* nobody(instance)
  yield* Effect.flatMap(authorizationServer(url), (server) =>
    server.revoke(signIn.refreshToken ?? signIn.accessToken)
  ).pipe(
    Effect.mapError(
      (cause) =>
        new CliFailure({
          exit: cause.exit,
          code: cause.code,
          message: "the sign-in is forgotten here, but the instance could not be told that it has ended",
          next: `${cause.message}. End it there: sign out everywhere at ${instance}/auth/login`,
          cause
        })
    )
  )
  yield* printed({ instance }, () => "")
  yield* say(`signed out of ${instance}`)
})

/** `portico auth whoami` */
export const whoami = Effect.gen(function* () {
  const { identity } = yield* here
  yield* printed(identity, () => `${printable(identity.path)}\n`)
})

/** `portico auth status` */
export const status = Effect.gen(function* () {
  const { from, identity, instance } = yield* here
  const signIn = from === "sign-in" ? (yield* readSignIns)[instance] : undefined
  const scope = signIn === undefined ? {} : { scope: signIn.scope, expiresAt: signIn.expiresAt }
  yield* printed({ instance, identity, from, ...scope }, (io) =>
    renderFields(io, [
      ["instance", instance],
      ["identity", identity.path],
      ["by", from],
      ...(signIn === undefined ? [] : [["scope", signIn.scope] as const])
    ])
  )
})
