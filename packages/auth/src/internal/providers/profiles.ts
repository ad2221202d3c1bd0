import type { SignInProvider } from "../../SignInProvider.ts"
import type { Requirements } from "./claims.ts"

/** A provider, as the rest of this room uses it: nothing is left open. */
export interface Provider {
  readonly id: string
  /** What people call it. */
  readonly label: string
  readonly profile: ProfileName
  /** Exactly as in its metadata and its tokens; for one of many tenants where its metadata are. */
  readonly issuer: string
  /** What its metadata have as the issuer, where that is another one for each tenant: `{tenantid}` stands for it. */
  readonly issuerOfTenant: string | undefined
  readonly clientId: string
  readonly clientAuth: SignInProvider["clientAuth"]
  /** Seconds since its people have shown it who they are, at most. */
  readonly maxAge: number | undefined
  readonly scopes: ReadonlyArray<string>
  /** What else its authorization endpoint is sent. */
  readonly parameters: Readonly<Record<string, string>>
  /** Whether its userinfo endpoint is asked for claims that the id token lacks. */
  readonly userInfo: boolean
  /** Whether signing out here signs out there as well. */
  readonly signOut: boolean
  readonly trust: Requirements
  readonly provisioning: "none" | "invite" | "create"
  readonly identity: { readonly path: string; readonly name: string; readonly description: string | undefined }
  readonly groupsClaim: string
  /** Paths of Roles and Groups here, by what the provider calls its own. */
  readonly groups: Readonly<Record<string, string>>
}

type ProfileName = NonNullable<SignInProvider["profile"]>

interface Profile {
  readonly label: string
  readonly issuer?: (settings: SignInProvider) => string | undefined
  readonly scopes?: ReadonlyArray<string>
  readonly userInfo?: boolean
  readonly path?: string
  readonly parameters?: (settings: SignInProvider) => Readonly<Record<string, string>>
}

/** What a tenant of Microsoft is called. */
export const tenantPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const microsoftOf = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`

const microsoftIssuer = ({ tenant }: SignInProvider) => (tenant === undefined ? undefined : microsoftOf(tenant))

const isOfMany = ({ tenant }: SignInProvider): boolean => tenant !== undefined && !tenantPattern.test(tenant)

/**
 * The issuer of what a provider says: its own, or that of the tenant which is named, where it has many and that one is
 * trusted. `undefined` where there is none.
 */
export const issuerFor = (
  { issuer, issuerOfTenant, trust }: Pick<Provider, "issuer" | "issuerOfTenant" | "trust">,
  { tid }: Readonly<Record<string, unknown>>
): string | undefined => {
  if (issuerOfTenant === undefined) return issuer
  return typeof tid === "string" && tenantPattern.test(tid) && trust.tenants.includes(tid)
    ? issuerOfTenant.replace("{tenantid}", tid)
    : undefined
}

const profiles: Readonly<Record<ProfileName, Profile>> = {
  generic: { label: "another account" },
  google: {
    label: "Google",
    issuer: () => "https://accounts.google.com",
    userInfo: false,
    path: "/identities/{email}",
    // Only spares people the wrong account; what counts is the claim.
    parameters: ({ trust }) => (trust?.hostedDomains?.length === 1 ? { hd: String(trust.hostedDomains[0]) } : {})
  },
  // Its email addresses are whatever an administrator of some tenant wrote, so nothing is made of them.
  microsoft: { label: "Microsoft", issuer: microsoftIssuer, userInfo: false, path: "/identities/{preferred_username}" },
  keycloak: { label: "Keycloak" },
  auth0: { label: "Auth0", path: "/identities/{nickname|email}" },
  okta: { label: "Okta", scopes: ["openid", "profile", "email", "groups"] }
}

const issuerOf = (settings: SignInProvider): string | undefined =>
  settings.issuer ?? profiles[settings.profile ?? "generic"].issuer?.(settings)

/** What is wrong with a provider's settings, beyond what each of them may be. */
export const problemOf = (settings: SignInProvider): string | undefined => {
  const { profile = "generic", scopes, tenant } = settings
  if (profile === "microsoft" && (tenant === undefined) === (settings.issuer === undefined)) {
    return 'profile "microsoft" needs its tenant'
  }
  if (isOfMany(settings) && (settings.trust?.tenants ?? []).length === 0) {
    return "who lets in more than one tenant says which: the ids in trust.tenants"
  }
  if (profile !== "microsoft" && tenant !== undefined) return 'a tenant is for the profile "microsoft"'
  if (profile === "google" && settings.issuer !== undefined) return 'profile "google" has its own issuer'
  if (issuerOf(settings) === undefined) return "an issuer is missing"
  if (scopes !== undefined && !scopes.includes("openid")) return 'the scopes have to hold "openid"'
  return undefined
}

/** The providers of the settings, in their order. {@link problemOf} has found nothing wrong with them. */
export const providersOf = (settings: Readonly<Record<string, SignInProvider>>): ReadonlyArray<Provider> =>
  Object.entries(settings).map(([id, one]) => providerOf(id, one))

const providerOf = (id: string, settings: SignInProvider): Provider => {
  const profile = profiles[settings.profile ?? "generic"]
  const { identity, trust } = settings
  return {
    id,
    label: settings.label ?? profile.label,
    profile: settings.profile ?? "generic",
    issuer: issuerOf(settings) ?? "",
    issuerOfTenant: isOfMany(settings) ? microsoftOf("{tenantid}") : undefined,
    clientId: settings.clientId,
    clientAuth: settings.clientAuth,
    maxAge: settings.maxAge,
    scopes: settings.scopes ?? profile.scopes ?? ["openid", "profile", "email"],
    parameters: profile.parameters?.(settings) ?? {},
    userInfo: settings.userInfo ?? profile.userInfo ?? true,
    signOut: settings.signOut ?? false,
    trust: {
      audiences: trust?.audiences ?? [],
      emailVerified: trust?.emailVerified ?? false,
      domains: (trust?.domains ?? []).map((domain) => domain.toLowerCase()),
      hostedDomains: trust?.hostedDomains ?? [],
      tenants: trust?.tenants ?? (settings.tenant === undefined ? [] : [settings.tenant]),
      claims: trust?.claims ?? {}
    },
    provisioning: settings.provisioning ?? "none",
    identity: {
      path: identity?.path ?? profile.path ?? "/identities/{preferred_username|email|sub}",
      name: identity?.name ?? "{name|preferred_username|email|sub}",
      description: identity?.description
    },
    groupsClaim: settings.groupsClaim ?? "groups",
    groups: settings.groups ?? {}
  }
}
