import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import { askedWords, checkResource } from "../oauth/asked.ts"
import { grantTypes } from "../oauth/clients.ts"
import { deviceLifetime, devicePause } from "../oauth/devices.ts"
import { OAuthError } from "../oauth/OAuthError.ts"
import * as operations from "../oauth/openapi.ts"
import { deviceCodePage, deviceConsentPage, messagePage } from "../pages/consentPage.ts"
import { type AtBrowser, atBrowser, submitter } from "../sessions/browser.ts"
import { json, originOfForm } from "./answers.ts"
import { clientForm, clientOf, inOAuth, limited } from "./tokenRoutes.ts"

const begin = (params: ReadonlyMap<string, string>) =>
  Effect.gen(function* () {
    yield* limited("token")
    const { auth, oauth } = yield* AuthInternals
    const client = yield* clientOf(params)
    if (client === undefined) {
      return yield* OAuthError.make("invalid_client", "Which client asks has to be said.", { status: 401 })
    }
    if (!client.grants.includes(grantTypes.device)) {
      return yield* OAuthError.make("unauthorized_client", "The client was not registered for devices.")
    }
    yield* checkResource(params, auth.issuer)
    const { deviceCode, userCode } = yield* oauth.devices.begin(
      client.id,
      yield* askedWords(params.get("scope"), client)
    )
    return json({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${auth.issuer}/auth/device`,
      verification_uri_complete: `${auth.issuer}/auth/device?user_code=${userCode}`,
      expires_in: deviceLifetime,
      interval: devicePause
    })
  })

const toSignIn = (userCode: string) =>
  HttpServerResponse.redirect(
    `/auth/login?return_to=${encodeURIComponent(`/auth/device?user_code=${encodeURIComponent(userCode)}`)}`,
    { status: 303, headers: { "cache-control": "no-store" } }
  )

const noDevice = deviceCodePage({ problem: "No device waits with this code. Codes work for ten minutes.", status: 404 })

/** Guessing a code takes as long as it would be good for. */
const find = (userCode: string) =>
  Effect.gen(function* () {
    const { oauth } = yield* AuthInternals
    const waiting = yield* oauth.devices.waiting(userCode)
    if (waiting === undefined) yield* limited("userCode")
    const client = waiting && (yield* oauth.clients.find(waiting.client))
    return waiting && client && { ...waiting, client }
  })

const ask = Effect.gen(function* () {
  const params = yield* HttpServerRequest.ParsedSearchParams
  const userCode = typeof params.user_code === "string" ? params.user_code : ""
  if (userCode === "") return deviceCodePage()
  const person = yield* atBrowser
  if (Option.isNone(person)) return toSignIn(userCode)
  const waiting = yield* find(userCode)
  if (waiting === undefined) return noDevice
  return deviceConsentPage({
    client: waiting.client.name,
    person: nameOf(person.value.node),
    words: waiting.scope,
    userCode,
    csrf: person.value.csrf
  })
})

const decide = (form: ReadonlyMap<string, string>, person: AtBrowser) =>
  Effect.gen(function* () {
    const { node, session } = person
    const { auth, oauth } = yield* AuthInternals
    const waiting = yield* find(form.get("user_code") ?? "")
    if (waiting === undefined) return noDevice
    const from = yield* originOfForm(person)
    const details = {
      client: waiting.client.id,
      name: waiting.client.name,
      scope: waiting.scope.join(" "),
      device: true
    }
    if (form.get("decision") !== "allow") {
      yield* oauth.devices.decide(waiting.id, undefined)
      yield* auth.audit({ event: "grant.denied", identity: node.id, from, details })
      return messagePage("Denied", "The device gets no access. You can close this page.")
    }
    const grant = yield* oauth.grants.make({
      identity: node.id,
      client: waiting.client.id,
      scope: waiting.scope,
      jkt: undefined,
      signedInAt: session.signedInAt
    })
    if (!(yield* oauth.devices.decide(waiting.id, grant.id))) {
      yield* oauth.grants.end(grant.id)
      return noDevice
    }
    yield* auth.audit({ event: "grant", identity: node.id, from, details: { ...details, grant: grant.id } })
    return messagePage("Connected", "The device goes on by itself. You can close this page.")
  })

/** A device asks for a code without a session; somebody with one decides about it. */
const post = Effect.gen(function* () {
  const params = yield* clientForm
  if (!params.has("user_code")) return yield* begin(params)
  const form = yield* formBody
  const person = yield* submitter(form.get("csrf_token"))
  return Option.isNone(person) ? toSignIn(form.get("user_code") ?? "") : yield* decide(form, person.value)
})

/** Devices without a browser (RFC 8628): they ask with POST, people decide on the page. */
export const deviceRoutes = [
  { id: "route:device-page", scope: "public", mountPath: "/auth/device", auth: "public", handle: ask },
  {
    id: "route:device",
    scope: "public",
    cors: "any",
    mountPath: "/auth/device",
    method: "POST",
    auth: "public",
    openapi: operations.device,
    handle: inOAuth(post)
  }
] as const
