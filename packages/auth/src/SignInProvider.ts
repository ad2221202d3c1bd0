import { Gateway } from "@portico/gate"
import { Path } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { problemOf, tenantPattern } from "./internal/providers/profiles.ts"
import { placeholders } from "./internal/providers/template.ts"

const text = Schema.NonEmptyString.check(Schema.isMaxLength(1_000))
const texts = Schema.Array(text).check(Schema.isMaxLength(100))

const isIssuer = (u: string): boolean => {
  const url = URL.parse(u)
  if (url === null || `${url.username}${url.password}${url.search}${url.hash}` !== "" || /\s/.test(u)) return false
  return (
    url.protocol === "https:" || (url.protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  )
}

const Issuer = text.check(
  Schema.makeFilter(isIssuer, { expected: "an https URL without a query, exactly as the provider's metadata has it" })
)

const Template = text.check(
  Schema.makeFilter((template) => placeholders(template) !== undefined, {
    expected: "text with claims in braces, such as {name} or {preferred_username|email}"
  })
)

const PathTemplate = Template.check(
  Schema.makeFilter((template) => /^\/identities(?:\/[^/]+)+$/.test(template), {
    expected: "a path below /identities, such as /identities/{email}"
  })
)

const GroupPath = text.check(
  Schema.makeFilter((path) => Result.isSuccess(Path.parse(path)) && path.startsWith("/"), {
    expected: "the path of a Role or Group, such as /identities/staff"
  })
)

const TenantId = Schema.String.check(Schema.isPattern(tenantPattern))

/** What an id token has to say, besides being for us. All of what is listed is required. */
const Trust = Schema.Struct({
  audiences: Schema.optionalKey(texts),
  emailVerified: Schema.optionalKey(Schema.Boolean),
  domains: Schema.optionalKey(texts),
  hostedDomains: Schema.optionalKey(texts),
  tenants: Schema.optionalKey(texts),
  claims: Schema.optionalKey(Schema.Record(text, texts))
})

const Identity = Schema.Struct({
  path: Schema.optionalKey(PathTemplate),
  name: Schema.optionalKey(Template),
  description: Schema.optionalKey(Template)
})

/**
 * A provider whose people may sign in here.
 *
 * - `profile` knows what is particular about some providers; `generic` unless told.
 * - `issuer` is compared exactly. `google` knows its own, `microsoft` makes it of `tenant`; for `organizations` and
 *   `common` that is one issuer for each of `trust.tenants`.
 * - `clientAuth` says how we show who we are, where that is not to be settled by the provider's metadata; with
 *   `private_key_jwt` the secret is a private key, as a JWK.
 * - `maxAge` is how many seconds ago its people may have shown it who they are.
 * - `trust` says what an id token has to hold: `audiences` that it may be for besides us, `emailVerified`, `domains` of
 *   a verified email address, `hostedDomains` (`hd`, Google), `tenants` (`tid`, Microsoft), and `claims` with the values
 *   that each may have.
 * - `provisioning` says who may come in: `none` whom an operator or the person has linked, `invite` also whoever has an
 *   invitation, `create` everybody whom `trust` lets in.
 * - `identity` has templates of what `create` makes. Claims stand in braces, with alternatives: `{preferred_username|email}`.
 * - `groupsClaim` and `groups` give memberships of Roles and Groups, at each sign-in, and take them again.
 */
export const SignInProvider = Schema.Struct({
  profile: Schema.optionalKey(Schema.Literals(["generic", "google", "microsoft", "keycloak", "auth0", "okta"])),
  issuer: Schema.optionalKey(Issuer),
  tenant: Schema.optionalKey(Schema.Union([TenantId, Schema.Literals(["common", "organizations"])])),
  clientId: text,
  clientAuth: Schema.optionalKey(Schema.Literals(["client_secret_basic", "client_secret_post", "private_key_jwt"])),
  label: Schema.optionalKey(text.check(Schema.isMaxLength(60))),
  scopes: Schema.optionalKey(texts),
  userInfo: Schema.optionalKey(Schema.Boolean),
  maxAge: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 31_536_000 }))),
  signOut: Schema.optionalKey(Schema.Boolean),
  trust: Schema.optionalKey(Trust),
  provisioning: Schema.optionalKey(Schema.Literals(["none", "invite", "create"])),
  identity: Schema.optionalKey(Identity),
  groupsClaim: Schema.optionalKey(text),
  groups: Schema.optionalKey(Schema.Record(text, GroupPath))
})

/** What is written in the settings of one provider. */
export type SignInProvider = typeof SignInProvider.Type

const ProviderId = Schema.String.check(Schema.isPattern(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/))

const Providers = Schema.Record(ProviderId, SignInProvider)
  .annotate({ expected: "table of providers" })
  .check(
    Schema.makeFilter((providers) => {
      if (Object.keys(providers).length > 50) return "at most 50 providers"
      const problems = Object.entries(providers).flatMap(([id, one]) => problemOf(one)?.replace(/^/, `${id}: `) ?? [])
      return problems.length === 0 || problems.join("; ")
    })
  )

/** The setting `auth.providers`. */
export const providersSetting = Gateway.setting(
  Schema.withDecodingDefaultKey<typeof Providers>(Effect.succeed({}))(Providers),
  {
    env: "PORTICO_AUTH_PROVIDERS",
    description: "OpenID providers whose people may sign in, by a short name: see the guide about signing in with them."
  }
)

// A private key may be the secret.
const Secret = Schema.NonEmptyString.check(Schema.isMaxLength(10_000))
const Secrets = Schema.Record(ProviderId, Schema.Redacted(Secret))

/** The setting `auth.providerSecrets`. */
export const providerSecretsSetting = Gateway.setting(
  Schema.withDecodingDefaultKey<typeof Secrets>(Effect.succeed({}))(Secrets),
  {
    env: "PORTICO_AUTH_PROVIDER_SECRETS",
    description: "Client secrets by the name of the provider. One that is missing is looked for in the key store."
  }
)
