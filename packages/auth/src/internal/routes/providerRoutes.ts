import { type CurrentCaller, GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import { jsonBody } from "@portico/gate/http"
import { Kernel } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody, formOrJson, uniqueParams } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import { messagePage } from "../pages/consentPage.ts"
import { invitationPage, leadOn, notSignedIn } from "../pages/providerPages.ts"
import { beginLogin, findLogin, forgetLogin, type Purpose } from "../providers/loginState.ts"
import type { SignedIn } from "../providers/makeProviders.ts"
import * as operations from "../providers/openapi.ts"
import { type ProviderRefusal, refuse } from "../providers/ProviderRefusal.ts"
import type { Provider } from "../providers/profiles.ts"
import { beginSession, endPrevious, home, ownPage } from "../sessions/beginSession.ts"
import { atBrowser, submitter } from "../sessions/browser.ts"
import { freshAtSession, isFresh } from "../sessions/freshSession.ts"
import { json, origin } from "./answers.ts"
import { limited } from "./tokenRoutes.ts"

const Link = Schema.Struct({ returnTo: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000))) })

/** Steps that anybody on the network can fail at. */
const byAnyone: ReadonlySet<string> = new Set(["state", "provider", "answer", "token"])

const noSuchProvider = GateError.make("NOT_FOUND", "There is no such provider.")

const provider = Effect.gen(function* () {
  const { providers } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  return providers.find(params.provider) ?? (yield* noSuchProvider)
})

const query = Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) =>
  url.includes("?") ? url.slice(url.indexOf("?") + 1) : ""
)

const auditRefusal = (provider: Provider, { account, reason, step }: ProviderRefusal) =>
  Effect.gen(function* () {
    const { audit } = yield* AuthInternals
    const details = { provider: provider.id, step, reason, ...(account === undefined ? {} : { account }) }
    const event = { event: "sign-in.refused", from: yield* origin, details }
    yield* Effect.ignore(byAnyone.has(step) ? audit.writeRefusal(event) : audit.write(event))
  })

/** Tells the person little, and the audit log all of it. */
const refused = (provider: Provider, refusal: ProviderRefusal) =>
  Effect.as(auditRefusal(provider, refusal), notSignedIn(provider, refusal.step === "provider"))

/** Begins a sign-in: what the browser has to keep, and where it goes. */
const begin = (provider: Provider, purpose: Omit<Purpose, "provider">) =>
  Effect.gen(function* () {
    const { cookie, providers } = yield* AuthInternals
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const now = yield* Clock.currentTimeMillis
    // Whoever has a session already is asked to show who they are, not whether they are still there.
    const again = Option.isSome(yield* atBrowser)
    const { cookies, login } = beginLogin(cookie, { ...purpose, provider: provider.id, again }, now, headers.cookie)
    return { url: yield* providers.client.startUrl(provider, login), cookies }
  })

/** Queries hold states and codes of others: nothing of ours is sent along as the referrer. */
const goTo = (location: string) =>
  HttpServerResponse.redirect(location, {
    status: 303,
    headers: { "cache-control": "no-store", "referrer-policy": "no-referrer" }
  })

const withCookies = (
  answer: HttpServerResponse.HttpServerResponse,
  cookies: ReadonlyArray<string>
): HttpServerResponse.HttpServerResponse => HttpServerResponse.mergeCookies(answer, Cookies.fromSetCookie(cookies))

const list = Effect.map(AuthInternals, ({ auth, providers }) =>
  json({ providers: providers.all.map(({ id, label }) => ({ id, label, url: `${auth.issuer}/auth/providers/${id}` })) })
)

const start = Effect.gen(function* () {
  yield* limited("signIn")
  const chosen = yield* provider
  const params = uniqueParams(yield* query)
  const begun = begin(chosen, { returnTo: ownPage(params?.get("return_to")), invitation: params?.get("invitation") })
  return yield* begun.pipe(
    Effect.map(({ cookies, url }) => withCookies(goTo(url.href), cookies)),
    Effect.catchTag("ProviderRefusal", (refusal) => refused(chosen, refusal))
  )
})

const linkForm = Effect.gen(function* () {
  const chosen = yield* provider
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  const now = yield* Clock.currentTimeMillis
  if (Option.isNone(person) || !isFresh(person.value, now)) {
    return HttpServerResponse.redirect(`${home}?return_to=${encodeURIComponent(home)}`, { status: 303 })
  }
  const begun = begin(chosen, { returnTo: home, link: person.value.session.id })
  return yield* begun.pipe(
    Effect.map(({ cookies, url }) => withCookies(leadOn(url, chosen.label), cookies)),
    Effect.catchTag("ProviderRefusal", (refusal) => refused(chosen, refusal))
  )
})

const notThere = GateError.make("UNAVAILABLE", "The provider does not answer just now.")

const linkJson = Effect.gen(function* () {
  const chosen = yield* provider
  const { session } = yield* freshAtSession
  const { returnTo } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Link))
  const { cookies, url } = yield* begin(chosen, { returnTo: ownPage(returnTo), link: session.id }).pipe(
    Effect.catchTag("ProviderRefusal", (refusal) => Effect.andThen(auditRefusal(chosen, refusal), notThere))
  )
  return withCookies(json({ url: url.href }), cookies)
})

/** Whom the account is to be, where the sign-in was begun to link it or with an invitation. */
const entryOf = (login: Purpose) =>
  Effect.gen(function* () {
    const { providers } = yield* AuthInternals
    if (login.link !== undefined) {
      const person = yield* atBrowser
      if (Option.isNone(person) || person.value.session.id !== login.link) {
        return yield* refuse("state", "it was begun in another session")
      }
      return { linkTo: person.value.node.id }
    }
    if (login.invitation === undefined) return {}
    const invitation = yield* providers.invitations.find(login.invitation)
    return invitation === undefined ? yield* refuse("state", "the invitation is not good") : { invitation }
  })

/** `session` is the one that it was begun in, to link the account. */
const auditSignIn = (provider: Provider, { groups, how, identity, link }: SignedIn, session: string | undefined) =>
  Effect.gen(function* () {
    const { auth } = yield* AuthInternals
    const from = yield* origin
    const account = { issuer: link.issuer, subject: link.subject, email: link.email }
    if (how !== "known") {
      const through = session === undefined ? undefined : { kind: "session", id: session }
      const details = { provider: provider.id, how, account }
      yield* auth.audit({ event: "provider.linked", identity, from: { ...from, through }, details })
    }
    const details = { with: "provider", provider: provider.id, account, groups }
    yield* auth.audit({ event: "sign-in", identity, from, details })
  })

// Written out: what is inferred has a name in it that a declaration file cannot say.
const callback: Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  GateError | PorticoError | DatabaseError,
  AuthInternals | CurrentCaller | Kernel | HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext
> = Effect.gen(function* () {
  yield* limited("comeBack")
  const { cookie, providers } = yield* AuthInternals
  const chosen = yield* provider
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const params = yield* query
  const login = findLogin(cookie, headers.cookie, uniqueParams(params)?.get("state"))
  if (login === undefined) return yield* refused(chosen, refuse("state", "this browser has not begun it"))
  const finished = Effect.gen(function* () {
    if (login.provider !== chosen.id) return yield* refuse("state", "it was begun with another provider")
    const entry = yield* entryOf(login)
    const done = yield* providers.finish(chosen, login, params, entry)
    yield* auditSignIn(chosen, done, login.link)
    const back = goTo(ownPage(login.returnTo))
    if (done.how === "linked" || entry.linkTo !== undefined) return back
    yield* endPrevious
    const session = yield* beginSession(done.identity, `provider:${chosen.id}`)
    yield* providers.links.began(done.link.id, { id: session.id, sid: done.sid })
    return withCookies(back, [session.cookie])
  }).pipe(Effect.catchTag("ProviderRefusal", (refusal) => refused(chosen, refusal)))
  return withCookies(yield* finished, [forgetLogin(cookie, login.id)])
})

/** OpenID Connect Back-Channel Logout 1.0: the provider has signed somebody out. */
const signedOut = Effect.gen(function* () {
  yield* limited("token")
  const { auth, providers } = yield* AuthInternals
  const chosen = yield* provider
  const token = (yield* formBody).get("logout_token") ?? ""
  return yield* Effect.gen(function* () {
    const identities = yield* providers.signOut(chosen, token)
    const from = yield* origin
    for (const identity of identities) {
      yield* auth.audit({ event: "sign-out", identity, from, details: { provider: chosen.id } })
    }
    return HttpServerResponse.empty({ status: 200, headers: { "cache-control": "no-store" } })
  }).pipe(
    Effect.catchTag("ProviderRefusal", (refusal) =>
      Effect.as(auditRefusal(chosen, refusal), json({ error: "invalid_request" }, 400))
    )
  )
})

const invitation = Effect.gen(function* () {
  yield* limited("signIn")
  const { providers } = yield* AuthInternals
  const code = uniqueParams(yield* query)?.get("code") ?? ""
  const found = yield* providers.invitations.find(code)
  const node =
    found === undefined ? undefined : Option.getOrUndefined(yield* (yield* Kernel).node(`@${found.identity}`))
  if (found === undefined || node === undefined) {
    return messagePage("This does not work", "This invitation is not good any more. Ask for another one.", 403)
  }
  const offered = providers.all.filter(
    ({ id, provisioning }) => provisioning !== "none" && (found.provider === undefined || found.provider === id)
  )
  return invitationPage({ person: nameOf(node), code, providers: offered })
})

/** Signing in with OpenID providers. */
export const providerRoutes = [
  {
    id: "route:providers",
    scope: "public",
    mountPath: "/auth/providers",
    auth: "public",
    openapi: operations.listProviders,
    handle: list
  },
  {
    id: "route:provider-start",
    scope: "public",
    mountPath: "/auth/providers/:provider",
    auth: "public",
    handle: start
  },
  {
    id: "route:provider-callback",
    scope: "public",
    mountPath: "/auth/providers/:provider/callback",
    auth: "public",
    handle: callback
  },
  {
    id: "route:provider-link",
    scope: "public",
    mountPath: "/auth/providers/:provider/link",
    method: "POST",
    auth: "public",
    openapi: operations.linkAccount,
    handle: formOrJson(linkForm, linkJson)
  },
  {
    id: "route:provider-logout",
    scope: "public",
    mountPath: "/auth/providers/:provider/logout",
    method: "POST",
    auth: "public",
    openapi: operations.backChannelLogout,
    handle: signedOut
  },
  { id: "route:invitation", scope: "public", mountPath: "/auth/invitation", auth: "public", handle: invitation }
] as const
