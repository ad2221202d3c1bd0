import { GateError } from "@portico/gate"
import { Kernel } from "@portico/kernel"
import { isPorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Origin } from "../../AuditEvent.ts"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import * as operations from "../openapi.ts"
import { messagePage } from "../pages/consentPage.ts"
import { checkPassword } from "../passwords.ts"
import { home } from "../sessions/beginSession.ts"
import { submitter } from "../sessions/browser.ts"
import { freshSession } from "../sessions/freshSession.ts"
import { caller, origin, originOfForm } from "./answers.ts"

const NewPassword = Schema.Struct({ current: Schema.optionalKey(Schema.String), password: Schema.String })

/** Sets one's own password. Whoever has got in with the one before is out again, but for the session that is named. */
const change = (identity: string, wanted: typeof NewPassword.Type, session: string | undefined, from: Origin) =>
  Effect.gen(function* () {
    const { auth, signIn } = yield* AuthInternals
    if (yield* signIn.hasPassword(identity)) yield* signIn.withPassword(`@${identity}`, wanted.current ?? "", from)
    const node = yield* (yield* Kernel).node(`@${identity}`)
    yield* checkPassword(wanted.password, Option.isSome(node) ? [node.value.slug, nameOf(node.value)] : [])
    yield* auth.setPassword(identity, wanted.password)
    yield* auth.signOutEverywhere(identity, { except: session })
    yield* auth.audit({ event: "password.set", identity, from })
  })

const byJson = Effect.gen(function* () {
  const { credential, id } = yield* caller
  const wanted = yield* HttpServerRequest.schemaBodyJson(NewPassword)
  yield* change(id, wanted, credential.kind === "session" ? credential.id : undefined, yield* origin)
  return HttpServerResponse.empty()
})

const back = HttpServerResponse.redirect(home, { status: 303, headers: { "cache-control": "no-store" } })

const byForm = Effect.gen(function* () {
  const { signIn } = yield* AuthInternals
  const form = yield* formBody
  const person = Option.getOrUndefined(yield* submitter(form.get("csrf_token")))
  if (person === undefined) return back
  const { node, session } = person
  // A first password is one more way to sign in.
  if (!(yield* signIn.hasPassword(node.id))) yield* freshSession
  const wanted = { current: (form.get("current") ?? "").slice(0, 1_025), password: form.get("password") ?? "" }
  const done = yield* Effect.result(change(node.id, wanted, session.id, yield* originOfForm(person)))
  if (Result.isSuccess(done)) return messagePage("The password is set", "All other sessions have ended.")
  const problem = done.failure
  if (!(problem instanceof GateError) && !isPorticoError(problem)) return yield* Effect.fail(problem)
  return messagePage("The password stays as it was", problem.message, problem.status)
})

/** One's own password. */
export const passwordRoutes = [
  {
    id: "route:password",
    scope: "public",
    mountPath: "/auth/password",
    method: "POST",
    openapi: operations.password,
    handle: byJson
  },
  {
    id: "route:password-form",
    scope: "public",
    mountPath: "/auth/password/change",
    method: "POST",
    auth: "public",
    handle: byForm
  }
] as const
