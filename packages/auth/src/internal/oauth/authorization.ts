import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { uniqueParams } from "../formBody.ts"
import { askedWords, checkResource } from "./asked.ts"
import { type Client, type Clients, grantTypes } from "./clients.ts"
import { OAuthError } from "./OAuthError.ts"
import { isSameRedirect } from "./redirects.ts"

/** What a client asks somebody for, once it is known that it may (RFC 6749, section 4.1.1). */
export interface Authorization {
  /** The query, to ask again. */
  readonly query: string
  readonly client: Client
  readonly redirect: string
  readonly state: string | undefined
  readonly words: ReadonlyArray<string>
  readonly challenge: string
  readonly nonce: string | undefined
  readonly jkt: string | undefined
  readonly prompt: ReadonlyArray<string>
  /** Milliseconds that may have passed since its person has proved who they are. */
  readonly maxAge: number | undefined
}

/** A refusal, and where it may be sent: nowhere while it is not known whether the redirect URI is the client's. */
export interface AuthorizationRefused {
  readonly error: OAuthError
  readonly back: { readonly redirect: string; readonly state: string | undefined } | undefined
}

const longest = 8_192
const challengeFormat = /^[A-Za-z0-9_-]{43}$/

const here = (description: string): AuthorizationRefused => ({
  error: OAuthError.make("invalid_request", description),
  back: undefined
})

const readClient = (clients: Clients, params: ReadonlyMap<string, string>) =>
  Effect.gen(function* () {
    const client = yield* clients.find(params.get("client_id") ?? "")
    if (client === undefined) return yield* Effect.fail(here("The program that sent you here is not known."))
    const asked = params.get("redirect_uri") ?? (client.redirects.length === 1 ? client.redirects[0] : undefined)
    if (asked === undefined || !client.redirects.some((known) => isSameRedirect(known, asked))) {
      return yield* Effect.fail(
        here("The program that sent you here wants you back at an address that is not its own.")
      )
    }
    return { client, redirect: asked }
  })

const readRest = (
  query: string,
  params: ReadonlyMap<string, string>,
  { client, redirect }: { readonly client: Client; readonly redirect: string },
  issuer: string
): Effect.Effect<Authorization, OAuthError> =>
  Effect.gen(function* () {
    if (params.has("request")) yield* OAuthError.make("request_not_supported", "Send the params themselves.")
    if (params.has("request_uri")) yield* OAuthError.make("request_uri_not_supported", "Send the params themselves.")
    if (params.get("response_type") !== "code") {
      yield* OAuthError.make("unsupported_response_type", "Only codes are given out.")
    }
    if (!["query", undefined].includes(params.get("response_mode"))) {
      yield* OAuthError.make("invalid_request", "Answers come in the query.")
    }
    if (!client.grants.includes(grantTypes.code)) {
      yield* OAuthError.make("unauthorized_client", "The client was not registered for codes.")
    }
    const challenge = params.get("code_challenge") ?? ""
    if (!challengeFormat.test(challenge) || params.get("code_challenge_method") !== "S256") {
      yield* OAuthError.make("invalid_request", "PKCE with S256 is needed.")
    }
    yield* checkResource(params, issuer)
    const prompt = params.get("prompt")?.split(" ") ?? []
    if (prompt.includes("none") && prompt.length > 1) {
      yield* OAuthError.make("invalid_request", "prompt=none stands by itself.")
    }
    const maxAge = params.get("max_age")
    if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) {
      yield* OAuthError.make("invalid_request", "max_age is in seconds.")
    }
    return {
      query,
      client,
      redirect,
      state: params.get("state"),
      words: yield* askedWords(params.get("scope"), client),
      challenge,
      nonce: params.get("nonce"),
      jkt: params.get("dpop_jkt"),
      prompt,
      maxAge: maxAge === undefined ? undefined : Number(maxAge) * 1_000
    }
  })

/** Checks an authorization request. */
export const readAuthorization = (
  query: string,
  { clients, issuer }: { readonly clients: Clients; readonly issuer: string }
): Effect.Effect<Authorization, AuthorizationRefused | DatabaseError> =>
  Effect.gen(function* () {
    const params = query.length > longest ? undefined : uniqueParams(query)
    if (params === undefined) return yield* Effect.fail(here("The request is too long, or names something twice."))
    const who = yield* readClient(clients, params)
    const back = { redirect: who.redirect, state: params.get("state") }
    return yield* Effect.mapError(
      readRest(query, params, who, issuer),
      (error): AuthorizationRefused => ({ error, back })
    )
  })

/** Where to go back to, with an answer. `iss` says whose it is (RFC 9207). */
export const answerAt = (
  redirect: string,
  issuer: string,
  params: Readonly<Record<string, string | undefined>>
): string => {
  const added = Object.entries({ ...params, iss: issuer }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  )
  // As text, so that what was registered stays as it was written.
  return `${redirect}${redirect.includes("?") ? "&" : "?"}${added.join("&")}`
}

/** The query again, without what has been done. */
export const withoutParams = (query: string, names: ReadonlyArray<string>): string => {
  const params = new URLSearchParams(query)
  for (const name of names) params.delete(name)
  return params.toString()
}
