import { Gateway, Settings } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { providerSecretsSetting, providersSetting } from "./SignInProvider.ts"

const seconds = Settings.Seconds.check(Schema.isBetween({ minimum: 1, maximum: 86_400 }))
const longSeconds = Settings.Seconds.check(Schema.isBetween({ minimum: 60, maximum: 315_360_000 }))
const entries = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))

const times = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 }))

const day = 86_400

const field = <S extends Schema.Top>(schema: S, value: S["Encoded"], env: string, description: string) =>
  Gateway.setting(Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema), { env, description })

/** Settings of the module; their keys start with `auth.`. */
export const AuthConfig = Schema.Struct({
  accessTokenLifetime: field(seconds, 900, "PORTICO_AUTH_TOKEN_LIFETIME", "How long an access token is good for."),
  delegationLifetime: field(
    Settings.Seconds.check(Schema.isBetween({ minimum: 1, maximum: 31_536_000 })),
    86_400,
    "PORTICO_AUTH_DELEGATION_LIFETIME",
    "How long a credential that an identity delegates is good for at most."
  ),
  trustRoots: field(
    Schema.String.check(Schema.isPattern(/^$|^[0-9a-f]{64}(\s*,\s*[0-9a-f]{64})*$/)),
    "",
    "PORTICO_TRUST_ROOTS",
    "Public root keys, with commas: whoever holds a credential that one of them signed may enrol."
  ),
  cachedCredentials: field(
    entries,
    10_000,
    "PORTICO_AUTH_CACHED_CREDENTIALS",
    "Verified credentials that are remembered, so that they need not be verified on each request."
  ),
  signingKeyLifetime: field(
    longSeconds,
    90 * day,
    "PORTICO_AUTH_SIGNING_KEY_LIFETIME",
    "How long a key signs tokens before a new one does."
  ),
  sessionIdle: field(
    longSeconds,
    7 * day,
    "PORTICO_AUTH_SESSION_IDLE",
    "How long a session in a browser lasts without being used."
  ),
  sessionLifetime: field(
    longSeconds,
    30 * day,
    "PORTICO_AUTH_SESSION_LIFETIME",
    "How long a session in a browser lasts, however much it is used."
  ),
  refreshTokenLifetime: field(
    longSeconds,
    30 * day,
    "PORTICO_AUTH_REFRESH_TOKEN_LIFETIME",
    "How long a refresh token is good for; each use gives a new one."
  ),
  auditRetention: field(
    longSeconds,
    400 * day,
    "PORTICO_AUTH_AUDIT_RETENTION",
    "How long a line of the audit log is kept."
  ),
  openRegistration: field(
    Schema.Boolean,
    true,
    "PORTICO_AUTH_OPEN_REGISTRATION",
    "Whether OAuth clients may register themselves without a credential; they still act only for who lets them."
  ),
  callsPerIdentity: field(
    times,
    60_000,
    "PORTICO_AUTH_CALLS_PER_IDENTITY",
    "Calls that an identity may make in a minute, each of a batch counted; 0 is without limit. operator.token has none."
  ),
  callsPerAddress: field(
    times,
    6_000,
    "PORTICO_AUTH_CALLS_PER_ADDRESS",
    "Calls without a credential that may come from an address in a minute; 0 is without limit. IPv6 counts by /64."
  ),
  refusalsPerAddress: field(
    times,
    600,
    "PORTICO_AUTH_REFUSALS_PER_ADDRESS",
    "Bad credentials that may come from an address in a minute before no unknown one is looked at; 0 is without limit."
  ),
  signInsPerAddress: field(
    times,
    60,
    "PORTICO_AUTH_SIGN_INS_PER_ADDRESS",
    "Tries to sign in that may come from an address in a minute; 0 is without limit. Wrong ones cost more and more time."
  ),
  tokensPerAddress: field(
    times,
    1_200,
    "PORTICO_AUTH_TOKENS_PER_ADDRESS",
    "OAuth requests for tokens and about them that may come from an address in a minute; 0 is without limit."
  ),
  tokensPerClient: field(
    times,
    6_000,
    "PORTICO_AUTH_TOKENS_PER_CLIENT",
    "The same for an OAuth client that has proved who it is; 0 is without limit."
  ),
  registrationsPerAddress: field(
    times,
    20,
    "PORTICO_AUTH_REGISTRATIONS_PER_ADDRESS",
    "OAuth clients that an address may register in an hour without a credential; 0 is without limit."
  ),
  providers: providersSetting,
  providerSecrets: providerSecretsSetting
})
