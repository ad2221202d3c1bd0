import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose"
import { skew } from "../clockSkew.ts"
import { type ForeignKeys, isKeySetUrl } from "../keys/foreignKeys.ts"
import { wordsOf } from "./discovery.ts"
import { type ProviderRefusal, refuse } from "./ProviderRefusal.ts"
import { issuerFor, type Provider } from "./profiles.ts"

/** Longest token, in characters. */
const longest = 65_536

/** A token that a provider has signed for us. The failure says what is wrong, in words for the audit log. */
export const verifySigned = (options: {
  readonly token: string
  /** Values of `typ`, in lower case; missing is fine as well. */
  readonly types: ReadonlyArray<string>
  readonly provider: Provider
  readonly jwksUri: string | undefined
  readonly foreignKeys: ForeignKeys
}): Effect.Effect<JWTPayload & { readonly iss: string }, ProviderRefusal> =>
  Effect.gen(function* () {
    const { foreignKeys, jwksUri, provider, token, types } = options
    const attempt = <A>(run: () => Promise<A>) =>
      Effect.tryPromise({ try: run, catch: (cause) => refuse("token", wordsOf(cause)) })
    if (token.length > longest) return yield* refuse("token", "it is too long")
    const header = yield* attempt(async () => decodeProtectedHeader(token))
    // RFC 8725, section 3.11: what says that it is something else is not taken for this.
    const typ = header.typ?.toLowerCase().replace(/^application\//, "")
    if (typ !== undefined && !types.includes(typ))
      return yield* refuse("token", `it is of the type ${typ.slice(0, 50)}`)
    if (jwksUri === undefined || !isKeySetUrl(jwksUri)) return yield* refuse("token", "its issuer's keys are nowhere")
    const wanted = { alg: header.alg ?? "", ...(header.kid === undefined ? {} : { kid: header.kid }) }
    const key = yield* Effect.mapError(foreignKeys.keyFor(jwksUri, wanted), (reason) => refuse("token", reason))
    const now = yield* Clock.currentTimeMillis
    const { payload } = yield* attempt(() =>
      jwtVerify(token, key, {
        algorithms: [wanted.alg],
        audience: provider.clientId,
        requiredClaims: ["exp", "iat"],
        clockTolerance: skew,
        currentDate: new Date(now)
      })
    )
    const issuer = issuerFor(provider, payload)
    if (issuer === undefined || payload.iss !== issuer) return yield* refuse("token", "it is of another issuer")
    return { ...payload, iss: issuer }
  })

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

/** Whom a provider has signed out: somebody everywhere, or one session of theirs. */
export interface SignedOut {
  /** Of the token. */
  readonly jti: string
  /** The provider, or its tenant. */
  readonly issuer: string
  readonly subject: string | undefined
  readonly sid: string | undefined
}

/** Reads a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6). */
export const signedOut = (
  payload: JWTPayload & { readonly iss: string }
): Effect.Effect<SignedOut, ProviderRefusal> => {
  const { events, iss, jti, nonce, sid, sub } = payload
  if (!Predicate.isObject(events) || !Object.hasOwn(events, logoutEvent)) return refuse("token", "it ends no session")
  if (nonce !== undefined) return refuse("token", "it holds a nonce")
  if (typeof jti !== "string") return refuse("token", "it has no id")
  const subject = typeof sub === "string" ? sub : undefined
  const session = typeof sid === "string" ? sid : undefined
  if (subject === undefined && session === undefined) return refuse("token", "it names neither a person nor a session")
  return Effect.succeed({ jti, issuer: iss, subject, sid: session })
}
