import { GateError } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody, formOrJson, hasForm } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import * as operations from "../openapi.ts"
import { passkeyScript } from "../pages/passkeyScript.ts"
import { leadOn } from "../pages/providerPages.ts"
import { signedInPage } from "../pages/signInPage.ts"
import { beginSession, endPrevious, home, ownPage } from "../sessions/beginSession.ts"
import { atBrowser, fromOurPage, submitter } from "../sessions/browser.ts"
import { clearCookie, csrfToken, readCookie } from "../sessions/sessionCookie.ts"
import { caller, json, origin, originOfForm, tokenAnswer } from "./answers.ts"
import { askWho } from "./askWho.ts"
import { signedIn, withAllAtOnce } from "./passwordSignIn.ts"
import { askForCode, goOn, headersOf } from "./secondFactorRoutes.ts"
import { limited } from "./tokenRoutes.ts"
import { waysOf } from "./waysOf.ts"

const text = Schema.String.check(Schema.isMaxLength(1_024))
const Credentials = Schema.Struct({
  identity: text,
  password: text,
  code: Schema.optionalKey(text),
  session: Schema.optionalKey(Schema.Boolean)
})
const SignOut = Schema.Struct({ everywhere: Schema.optionalKey(Schema.Boolean) })

const loginJson = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const asked = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Credentials))
  const { method, node } = yield* withAllAtOnce(asked.identity, asked.password, asked.code)
  const who = { id: node.id, path: node.path }
  if (asked.session !== true) return json({ identity: who, ...tokenAnswer(yield* auth.issueAccessToken(node.id)) })
  yield* endPrevious
  const begun = yield* beginSession(node.id, method)
  const answer = json({ identity: who, session: begun.id, csrfToken: begun.csrfToken })
  return HttpServerResponse.setHeader(answer, "set-cookie", begun.cookie)
})

const loginForm = Effect.gen(function* () {
  const { secondFactor, signIn } = yield* AuthInternals
  const form = yield* formBody
  const identity = form.get("identity") ?? ""
  const returnTo = ownPage(form.get("return_to"))
  const attempt = yield* Effect.result(
    signIn.withPassword(identity.slice(0, 1_024), (form.get("password") ?? "").slice(0, 1_025), yield* origin)
  )
  if (attempt._tag === "Failure") {
    const problem = attempt.failure
    if (!(problem instanceof GateError)) return yield* Effect.fail(problem)
    const { message, status } = problem
    return yield* askWho({ returnTo, identity, problem: message, status, ...headersOf(problem) })
  }
  const node = attempt.success
  if (yield* secondFactor.isOn(node.id)) return yield* askForCode(node.id, returnTo)
  yield* signedIn(node, "password")
  return yield* goOn(node.id, "password", returnTo)
})

const login = Effect.gen(function* () {
  yield* fromOurPage
  yield* limited("signIn")
  return yield* formOrJson(loginForm, loginJson)
})

const loginPage = Effect.gen(function* () {
  const { passkeys, providers, sessions } = yield* AuthInternals
  const params = yield* HttpServerRequest.ParsedSearchParams
  const asked = typeof params.return_to === "string" ? params.return_to : undefined
  const person = yield* atBrowser
  if (asked !== undefined || Option.isNone(person)) return yield* askWho({ returnTo: ownPage(asked) })
  const { csrf, node, session } = person.value
  return signedInPage({
    name: nameOf(node),
    csrf,
    current: session.id,
    sessions: yield* sessions.list(node.id),
    providers: providers.all,
    links: yield* providers.links.list(node.id),
    ways: yield* waysOf(person.value),
    script: passkeys.party === undefined ? undefined : passkeyScript
  })
})

/** Where the provider signs somebody out whose session it has begun, if that is wanted and it can. */
const signOutThere = (session: string) =>
  Effect.gen(function* () {
    const { auth, providers } = yield* AuthInternals
    const provider = providers.find(yield* providers.links.providerOf(session))
    if (provider?.signOut !== true) return undefined
    const url = yield* providers.client.signOutUrl(provider, `${auth.issuer}${home}`)
    return url && { url, label: provider.label }
  }).pipe(Effect.orElseSucceed(() => undefined))

const logout = Effect.gen(function* () {
  const { auth, cookie, sessions } = yield* AuthInternals
  const request = yield* HttpServerRequest.HttpServerRequest
  const isForm = hasForm(request)
  const form = isForm ? yield* formBody : undefined
  const wanted =
    form === undefined && request.headers["content-type"] !== undefined
      ? yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(SignOut))
      : { everywhere: form?.get("everywhere") === "true" }
  const person = yield* submitter(form?.get("csrf_token") ?? request.headers["x-csrf-token"])
  const onwards = isForm && Option.isSome(person) ? yield* signOutThere(person.value.session.id) : undefined
  if (Option.isSome(person)) {
    const { node, session } = person.value
    const from = yield* originOfForm(person.value)
    if (wanted.everywhere === true) yield* auth.signOutEverywhere(node.id)
    else yield* Effect.ignore(sessions.end(node.id, session.id))
    const details = { session: session.id, everywhere: wanted.everywhere === true }
    yield* auth.audit({ event: "sign-out", identity: node.id, from, details })
  }
  const headers = { "set-cookie": clearCookie(cookie), "cache-control": "no-store" }
  if (onwards !== undefined) return leadOn(onwards.url, onwards.label, headers)
  return isForm
    ? HttpServerResponse.redirect(home, { status: 303, headers })
    : HttpServerResponse.empty({ status: 204, headers })
})

const list = Effect.gen(function* () {
  const { cookie, sessions } = yield* AuthInternals
  const { credential, id } = yield* caller
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const value = credential.kind === "session" ? readCookie(headers.cookie, cookie) : undefined
  return json({
    sessions: yield* sessions.list(id),
    ...(value === undefined ? {} : { current: credential.id, csrfToken: csrfToken(value) })
  })
})

const end = Effect.gen(function* () {
  const { auth, sessions } = yield* AuthInternals
  const { id } = yield* caller
  const { params } = yield* HttpRouter.RouteContext
  const session = params.id ?? ""
  yield* sessions.end(id, session)
  yield* auth.audit({ event: "session.ended", identity: id, from: yield* origin, details: { session } })
  return HttpServerResponse.empty()
})

const endByForm = Effect.gen(function* () {
  const { auth, sessions } = yield* AuthInternals
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  if (Option.isSome(person)) {
    const { id } = person.value.node
    const session = form.get("id") ?? ""
    // What has ended already is as it should be.
    yield* Effect.catchIf(
      sessions.end(id, session),
      (error) => error._tag !== "DatabaseError",
      () => Effect.void
    )
    const from = yield* originOfForm(person.value)
    yield* auth.audit({ event: "session.ended", identity: id, from, details: { session } })
  }
  return HttpServerResponse.redirect(home, { status: 303, headers: { "cache-control": "no-store" } })
})

const endAll = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const { id } = yield* caller
  yield* auth.signOutEverywhere(id)
  yield* auth.audit({ event: "sign-out", identity: id, from: yield* origin, details: { everywhere: true } })
  return HttpServerResponse.empty()
})

/** Signing in and out, and the sessions of browsers. */
export const sessionRoutes = [
  { id: "route:login-page", scope: "public", mountPath: "/auth/login", auth: "public", handle: loginPage },
  {
    id: "route:login",
    scope: "public",
    mountPath: "/auth/login",
    method: "POST",
    auth: "public",
    openapi: operations.login,
    handle: login
  },
  {
    id: "route:logout",
    scope: "public",
    mountPath: "/auth/logout",
    method: "POST",
    auth: "public",
    openapi: operations.logout,
    handle: logout
  },
  {
    id: "route:sessions",
    scope: "public",
    mountPath: "/auth/sessions",
    openapi: operations.listSessions,
    handle: list
  },
  {
    id: "route:sessions-end-all",
    scope: "public",
    mountPath: "/auth/sessions",
    method: "DELETE",
    openapi: operations.endAllSessions,
    handle: endAll
  },
  {
    id: "route:sessions-end-form",
    scope: "public",
    mountPath: "/auth/sessions/end",
    method: "POST",
    auth: "public",
    handle: endByForm
  },
  {
    id: "route:sessions-end",
    scope: "public",
    mountPath: "/auth/sessions/:id",
    method: "DELETE",
    openapi: operations.endSession,
    handle: end
  }
] as const
