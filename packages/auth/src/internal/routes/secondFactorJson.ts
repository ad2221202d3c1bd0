import { GateError } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { atSession } from "../sessions/browser.ts"
import { freshAtSession } from "../sessions/freshSession.ts"
import { caller, json, originOfForm } from "./answers.ts"
import { appUri, renewedCodes, turnedOff } from "./secondFactorSteps.ts"

const Code = Schema.Struct({ code: Schema.String.check(Schema.isMaxLength(100)) })
const Password = Schema.Struct({ password: Schema.String.check(Schema.isMaxLength(1_024)) })

const codeBody = Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Code))

const noPassword = GateError.make("INVALID_PARAMS", "A code is asked for beside a password. Set one first.")

/** Whether there is a second factor. */
export const state = Effect.gen(function* () {
  const { secondFactor } = yield* AuthInternals
  const { id } = yield* caller
  return json({ on: yield* secondFactor.isOn(id), recoveryCodes: yield* secondFactor.codesLeft(id) })
})

/** A new secret, for an app to read. */
export const begin = Effect.gen(function* () {
  const { secondFactor, signIn } = yield* AuthInternals
  const { node } = yield* freshAtSession
  if (!(yield* signIn.hasPassword(node.id))) return yield* noPassword
  const secret = yield* secondFactor.begin(node.id)
  return json({ secret, uri: yield* appUri(node, secret) })
})

/** Turns it on. */
export const confirm = Effect.gen(function* () {
  const { secondFactor } = yield* AuthInternals
  const person = yield* freshAtSession
  const { code } = yield* codeBody
  const from = yield* originOfForm(person)
  return json({ recoveryCodes: yield* secondFactor.confirm(person.node.id, code, from) })
})

/** Other recovery codes, in the place of those that are left. */
export const renew = Effect.gen(function* () {
  const person = yield* freshAtSession
  const { code } = yield* codeBody
  return json({ recoveryCodes: yield* renewedCodes(person, code) })
})

/** Turns it off. */
export const off = Effect.gen(function* () {
  const person = yield* atSession
  const { password } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Password))
  yield* turnedOff(person, password)
  return HttpServerResponse.empty()
})
