/**
 * The instance as an authorization server (OAuth 2.1), asked by the client `portico-cli`.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as oauth from "openid-client"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure } from "../failure.ts"
import { isLoopback, nameOfInstance } from "../instanceUrl.ts"
import type { SignIn } from "./signIns.ts"

/** The command line's name as a client, at every instance. */
const client = "portico-cli"

const notThere = (instance: string, cause: unknown) =>
  new CliFailure({
    exit: ExitCode.unavailable,
    code: "UNAVAILABLE",
    message: `${instance} does not answer`,
    next: "Start an instance with portico start, or name another with --instance URL",
    cause
  })

const notOurs = (instance: string, why: string, cause?: unknown) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "PROTOCOL",
    message: `nobody can sign in at ${instance}: ${why}`,
    cause
  })

const refusals: Readonly<Record<string, string>> = {
  access_denied: "somebody said no",
  expired_token: "the code has run out, and nobody entered it"
}

/** What the server refused, in its own words where there are none of ours. */
const refused = (instance: string) => (cause: unknown) => {
  if (cause instanceof oauth.ResponseBodyError || cause instanceof oauth.AuthorizationResponseError) {
    const isLater = cause instanceof oauth.ResponseBodyError && cause.status === 429
    return new CliFailure({
      exit: isLater ? ExitCode.unavailable : ExitCode.notSignedIn,
      code: isLater ? "RATE_LIMITED" : "REFUSED",
      message: refusals[cause.error] ?? `${instance} refuses: ${cause.error_description ?? cause.error}`,
      ...(isLater ? { next: "Try again in a moment" } : {}),
      cause
    })
  }
  const isTimeout = cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError")
  return isTimeout && cause.cause === undefined
    ? notThere(instance, cause)
    : cause instanceof oauth.ClientError
      ? notOurs(instance, cause.message, cause)
      : notThere(instance, cause)
}

/** Its metadata (RFC 8414). All that it names has to be at the same place: a token goes nowhere else. */
const metadataOf = (url: URL, instance: string) =>
  Effect.gen(function* () {
    const answer = yield* Effect.tryPromise({
      try: (signal) => fetch(`${instance}/.well-known/oauth-authorization-server`, { redirect: "error", signal }),
      catch: (cause) => notThere(instance, cause)
    })
    const json: unknown = yield* Effect.tryPromise({
      try: () => (answer.ok ? answer.json() : Promise.reject(new Error(`it answers ${answer.status}`))),
      catch: (cause) => notOurs(instance, "it is no instance of Portico, or one that is too old", cause)
    })
    // Whatever it is, the library checks each part where it uses it; we check where it leads.
    const metadata = json as oauth.ServerMetadata
    const { device_authorization_endpoint, issuer, revocation_endpoint, token_endpoint } = metadata
    const needed = [issuer, device_authorization_endpoint, token_endpoint, revocation_endpoint]
    const { authorization_endpoint: pages } = metadata
    for (const place of pages === undefined ? needed : [...needed, pages]) {
      if (!URL.canParse(place ?? "")) return yield* notOurs(instance, "its metadata is incomplete")
      const { host, protocol } = new URL(place ?? "")
      const isSame = protocol === url.protocol && host === url.host
      const here = isLoopback(url) && isLoopback(new URL(place ?? "")) && new URL(place ?? "").port === url.port
      if (!isSame && !here) return yield* notOurs(instance, `it calls itself ${issuer}: say --instance ${issuer}`)
    }
    return metadata
  })

const signInOf = (tokens: oauth.TokenEndpointResponse, now: number): SignIn => ({
  accessToken: tokens.access_token,
  ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
  expiresAt: now + (tokens.expires_in ?? 60) * 1_000,
  scope: tokens.scope ?? ""
})

/** The server behind an instance's URL. Fails where there is none. */
export const authorizationServer = Effect.fnUntraced(function* (url: URL) {
  const instance = nameOfInstance(url)
  const config = new oauth.Configuration(yield* metadataOf(url, instance), client, undefined, oauth.None())
  if (url.protocol === "http:") oauth.allowInsecureRequests(config)
  const ask = <A>(request: (signal: AbortSignal) => Promise<A>) =>
    Effect.tryPromise({ try: request, catch: refused(instance) })
  const issued = (tokens: oauth.TokenEndpointResponse) =>
    Effect.map(Clock.currentTimeMillis, (now) => signInOf(tokens, now))

  return {
    /** What makes sure that an answer is for this command, and that nobody else can use it (RFC 7636). */
    secrets: Effect.promise(async () => {
      const verifier = oauth.randomPKCECodeVerifier()
      return { verifier, challenge: await oauth.calculatePKCECodeChallenge(verifier), state: oauth.randomState() }
    }),
    /** Where somebody is asked who comes back to `redirect`; nothing where the server has no such page. */
    authorize: (asked: Readonly<Record<"challenge" | "redirect" | "scope" | "state", string>>): URL | undefined =>
      config.serverMetadata().authorization_endpoint === undefined
        ? undefined
        : oauth.buildAuthorizationUrl(config, {
            redirect_uri: asked.redirect,
            scope: asked.scope,
            state: asked.state,
            code_challenge: asked.challenge,
            code_challenge_method: "S256"
          }),
    /** The tokens for the code that somebody came back with. */
    redeem: (came: URL, { state, verifier }: { readonly state: string; readonly verifier: string }) =>
      Effect.flatMap(
        ask(() => oauth.authorizationCodeGrant(config, came, { pkceCodeVerifier: verifier, expectedState: state })),
        issued
      ),
    /** A code for somebody to enter (RFC 8628). */
    begin: (scope: string) => ask(() => oauth.initiateDeviceAuthorization(config, { scope })),
    /** Asks until somebody has decided, no oftener than the server likes. */
    wait: (begun: oauth.DeviceAuthorizationResponse) =>
      Effect.flatMap(
        ask((signal) => {
          const until = AbortSignal.any([signal, AbortSignal.timeout(begun.expires_in * 1_000)])
          return oauth.pollDeviceAuthorizationGrant(config, begun, undefined, { signal: until })
        }),
        issued
      ),
    /** New tokens, or nothing where the sign-in has ended. */
    refresh: (token: string) =>
      ask(() => oauth.refreshTokenGrant(config, token)).pipe(
        Effect.flatMap(issued),
        Effect.catchIf(
          ({ cause }) => cause instanceof oauth.ResponseBodyError && cause.error === "invalid_grant",
          () => Effect.undefined
        )
      ),
    /** Ends a sign-in by one of its tokens (RFC 7009). */
    revoke: (token: string) => ask(() => oauth.tokenRevocation(config, token))
  }
})
