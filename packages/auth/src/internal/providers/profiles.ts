import type { SignInProvider } from "../../SignInProvider.ts"
import type { Requirements } from "./claims.ts"

/** A provider, as the rest of this room uses it: nothing is left open. */
export interface Provider {
  readonly id: string
  /** What people call it. */
  readonly label: string
  /** Exactly as in its metadata and its tokens. */
  readonly issuer: string
  readonly clientId: string
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

const microsoftIssuer = ({ tenant }: SignInProvider) =>
  tenant === undefined ? undefined : `https://login.microsoftonline.com/${tenant}/v2.0`

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
    return 'profile "microsoft" needs the id of its tenant: the issuer of every tenant would be many issuers'
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
    issuer: issuerOf(settings) ?? "",
    clientId: settings.clientId,
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
