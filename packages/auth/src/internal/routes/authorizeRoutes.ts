import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import {
  type Authorization,
  type AuthorizationRefused,
  answerAt,
  readAuthorization,
  withoutParams
} from "../oauth/authorization.ts"
import { formTargetOf } from "../oauth/redirects.ts"
import { consentPage, messagePage } from "../pages/consentPage.ts"
import { type AtBrowser, atBrowser, submitter } from "../sessions/browser.ts"
import { originOfForm } from "./answers.ts"

const goTo = (location: string) =>
  HttpServerResponse.redirect(location, { status: 303, headers: { "cache-control": "no-store" } })

/** Queries hold states and codes of others: nothing of ours is sent along as the referrer. */
const goBack = (location: string) => HttpServerResponse.setHeader(goTo(location), "referrer-policy", "no-referrer")

const queryOf = (url: string): string => {
  const mark = url.indexOf("?")
  return mark === -1 ? "" : url.slice(mark + 1)
}

/** The request, or the answer to one that is refused. */
const read = (query: string) =>
  Effect.gen(function* () {
    const { auth, oauth } = yield* AuthInternals
    const found = yield* Effect.result(readAuthorization(query, { clients: oauth.clients, issuer: auth.issuer }))
    if (Result.isSuccess(found)) return { asked: found.success }
    const { failure } = found
    if (!("error" in failure)) return yield* Effect.fail(failure)
    return { refused: yield* refusal(failure) }
  })

const refusal = ({ back, error }: AuthorizationRefused) =>
  Effect.map(AuthInternals, ({ auth }) =>
    back === undefined
      ? messagePage("This does not work", error.description, 400)
      : goBack(
          answerAt(back.redirect, auth.issuer, {
            error: error.error,
            error_description: error.description,
            state: back.state
          })
        )
  )

const answer = ({ redirect, state }: Authorization, params: Readonly<Record<string, string>>) =>
  Effect.map(AuthInternals, ({ auth }) => goBack(answerAt(redirect, auth.issuer, { ...params, state })))

/** Whether its person has to prove again who they are. */
const isStale = ({ maxAge, prompt }: Authorization, { session }: AtBrowser, now: number): boolean =>
  prompt.includes("login") || (maxAge !== undefined && now - session.signedInAt > maxAge)

const authorize = Effect.gen(function* () {
  const { url } = yield* HttpServerRequest.HttpServerRequest
  const { asked, refused } = yield* read(queryOf(url))
  if (asked === undefined) return refused
  const person = yield* atBrowser
  const now = yield* Clock.currentTimeMillis
  const silent = asked.prompt.includes("none")
  if (Option.isNone(person) || isStale(asked, person.value, now)) {
    if (silent) return yield* answer(asked, { error: "login_required" })
    // What is asked for by `prompt` is done once they are back.
    const next = `/auth/authorize?${withoutParams(asked.query, ["prompt", ...(asked.maxAge === 0 ? ["max_age"] : [])])}`
    return goTo(`/auth/login?return_to=${encodeURIComponent(next)}`)
  }
  if (silent) return yield* answer(asked, { error: "consent_required" })
  return consentPage({
    client: asked.client.name,
    person: nameOf(person.value.node),
    words: asked.words,
    redirect: asked.redirect,
    formTarget: formTargetOf(asked.redirect),
    query: asked.query,
    csrf: person.value.csrf
  })
})

const decide = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  const { asked, refused } = yield* read(form.get("request") ?? "")
  if (asked === undefined) return refused
  if (Option.isNone(person)) {
    return goTo(`/auth/login?return_to=${encodeURIComponent(`/auth/authorize?${asked.query}`)}`)
  }
  const { node, session } = person.value
  const from = yield* originOfForm(person.value)
  const details = { client: asked.client.id, name: asked.client.name, scope: asked.words.join(" ") }
  if (form.get("decision") !== "allow") {
    yield* auth.audit({ event: "grant.denied", identity: node.id, from, details })
    return yield* answer(asked, { error: "access_denied" })
  }
  const grant = yield* oauth.grants.make({
    identity: node.id,
    client: asked.client.id,
    scope: asked.words,
    jkt: asked.jkt,
    signedInAt: session.signedInAt
  })
  const code = yield* oauth.codes.make({
    grant: grant.id,
    redirect: asked.redirect,
    challenge: asked.challenge,
    nonce: asked.nonce
  })
  yield* oauth.clients.used(asked.client.id)
  yield* auth.audit({ event: "grant", identity: node.id, from, details: { ...details, grant: grant.id } })
  return yield* answer(asked, { code })
})

/** Where clients send people to. */
export const authorizeRoutes = [
  { id: "route:authorize", scope: "public", mountPath: "/auth/authorize", auth: "public", handle: authorize },
  {
    id: "route:authorize-decide",
    scope: "public",
    mountPath: "/auth/authorize",
    method: "POST",
    auth: "public",
    handle: decide
  }
] as const
