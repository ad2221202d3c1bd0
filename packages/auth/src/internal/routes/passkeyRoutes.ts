import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Origin } from "../../AuditEvent.ts"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { messagePage } from "../pages/consentPage.ts"
import * as operations from "../passkeys/openapi.ts"
import type { Passkey } from "../passkeys/passkeyStore.ts"
import { Assertion, NewCredential } from "../passkeys/responses.ts"
import { beginSession, endPrevious, home, ownPage } from "../sessions/beginSession.ts"
import { type AtBrowser, fromOurPage, submitter } from "../sessions/browser.ts"
import { askedBrowser, shownBrowser } from "../sessions/browserCookie.ts"
import { freshSession } from "../sessions/freshSession.ts"
import { caller, json, origin, originOfForm } from "./answers.ts"
import { keepOneWay } from "./lastWay.ts"
import { limited } from "./tokenRoutes.ts"

const Name = Schema.String.check(Schema.isPattern(/\S/), Schema.isMaxLength(100))
const SignIn = Schema.Struct({
  credential: Assertion,
  returnTo: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000)))
})
const Add = Schema.Struct({ credential: NewCredential, name: Schema.optionalKey(Name) })
const Rename = Schema.Struct({ name: Name })
const decodeName = Schema.decodeUnknownOption(Name)

const answerOf = ({ createdAt, id, isSynced, name, usedAt }: Passkey) => ({ id, name, isSynced, createdAt, usedAt })

const askWho = Effect.gen(function* () {
  yield* fromOurPage
  yield* limited("signIn")
  const { passkeys } = yield* AuthInternals
  const { browser, cookie } = yield* askedBrowser
  return HttpServerResponse.setHeader(json(yield* passkeys.askWho(browser)), "set-cookie", cookie)
})

const signIn = Effect.gen(function* () {
  yield* fromOurPage
  yield* limited("signIn")
  const { auth, passkeys } = yield* AuthInternals
  const { credential, returnTo } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(SignIn))
  const from = yield* origin
  // Who was asked nothing gives an answer to nothing.
  const browser = (yield* shownBrowser) ?? ""
  const { id, path } = yield* passkeys.who(credential, { browser, from })
  yield* endPrevious
  const begun = yield* beginSession(id, "passkey")
  yield* auth.audit({ event: "sign-in", identity: id, from, details: { with: "passkey", passkey: credential.id } })
  const { csrfToken } = begun
  const answer = json({ identity: { id, path }, session: begun.id, csrfToken, returnTo: ownPage(returnTo) })
  return HttpServerResponse.setHeader(answer, "set-cookie", begun.cookie)
})

const by = ({ node, session }: AtBrowser) => ({ node, session: session.id })

const askToAdd = Effect.gen(function* () {
  const { passkeys } = yield* AuthInternals
  return json(yield* passkeys.askToAdd(by(yield* freshSession)))
})

const add = Effect.gen(function* () {
  const { passkeys } = yield* AuthInternals
  const { credential, name } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Add))
  const person = yield* freshSession
  const from = yield* originOfForm(person)
  return json(answerOf(yield* passkeys.add(by(person), { credential, name, from })), 201)
})

const list = Effect.gen(function* () {
  const { passkeyStore } = yield* AuthInternals
  const { id } = yield* caller
  return json({ passkeys: (yield* passkeyStore.list(id)).map(answerOf) })
})

const renamed = (identity: string, passkey: string, name: string, from: Origin) =>
  Effect.gen(function* () {
    const { auth, passkeyStore } = yield* AuthInternals
    yield* passkeyStore.rename(identity, passkey, name)
    yield* auth.audit({ event: "passkey.renamed", identity, from, details: { passkey, name } })
  })

const removed = (identity: string, passkey: string, from: Origin) =>
  Effect.gen(function* () {
    const { auth, passkeyStore } = yield* AuthInternals
    yield* keepOneWay(identity)
    yield* passkeyStore.remove(identity, passkey)
    yield* auth.audit({ event: "passkey.removed", identity, from, details: { passkey } })
  })

const idInPath = Effect.map(HttpRouter.RouteContext, ({ params }) => params.id ?? "")

const rename = Effect.gen(function* () {
  const { id } = yield* caller
  const { name } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Rename))
  yield* renamed(id, yield* idInPath, name, yield* origin)
  return HttpServerResponse.empty()
})

const remove = Effect.gen(function* () {
  const { id } = yield* caller
  yield* removed(id, yield* idInPath, yield* origin)
  return HttpServerResponse.empty()
})

const back = HttpServerResponse.redirect(home, { status: 303, headers: { "cache-control": "no-store" } })

/** What somebody does about a passkey on the page. */
const byForm = Effect.gen(function* () {
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  if (Option.isNone(person)) return back
  const { id } = person.value.node
  const passkey = form.get("id") ?? ""
  const name = decodeName(form.get("name"))
  const from = yield* originOfForm(person.value)
  const done = yield* Effect.result(
    form.get("what") === "remove"
      ? removed(id, passkey, from)
      : Option.isSome(name)
        ? renamed(id, passkey, name.value, from)
        : Effect.void
  )
  if (Result.isSuccess(done)) return back
  const problem = done.failure
  if (problem._tag === "DatabaseError") return yield* Effect.fail(problem)
  // What is gone is done.
  return problem.code === "NOT_FOUND" ? back : messagePage("It stays", problem.message, 400)
})

/** Signing in with passkeys, and one's own. */
export const passkeyRoutes = [
  {
    id: "route:passkeys-ask-who",
    scope: "public",
    mountPath: "/auth/passkeys/sign-in/challenge",
    method: "POST",
    auth: "public",
    openapi: operations.askWho,
    handle: askWho
  },
  {
    id: "route:passkeys-sign-in",
    scope: "public",
    mountPath: "/auth/passkeys/sign-in",
    method: "POST",
    auth: "public",
    openapi: operations.signIn,
    handle: signIn
  },
  {
    id: "route:passkeys-ask-to-add",
    scope: "public",
    mountPath: "/auth/passkeys/challenge",
    method: "POST",
    openapi: operations.askToAdd,
    handle: askToAdd
  },
  {
    id: "route:passkeys-add",
    scope: "public",
    mountPath: "/auth/passkeys",
    method: "POST",
    openapi: operations.add,
    handle: add
  },
  { id: "route:passkeys", scope: "public", mountPath: "/auth/passkeys", openapi: operations.list, handle: list },
  {
    id: "route:passkeys-form",
    scope: "public",
    mountPath: "/auth/passkeys/change",
    method: "POST",
    auth: "public",
    handle: byForm
  },
  {
    id: "route:passkeys-rename",
    scope: "public",
    mountPath: "/auth/passkeys/:id",
    method: "PATCH",
    openapi: operations.rename,
    handle: rename
  },
  {
    id: "route:passkeys-remove",
    scope: "public",
    mountPath: "/auth/passkeys/:id",
    method: "DELETE",
    openapi: operations.remove,
    handle: remove
  }
] as const
