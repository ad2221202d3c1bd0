import * as Predicate from "effect/Predicate"

/** What a provider says of somebody, checked to be from it and for us. */
export interface Claims {
  /** Whoever says it: the provider, or its tenant. */
  readonly iss: string
  readonly sub: string
  readonly aud: string | ReadonlyArray<string>
  readonly [name: string]: unknown
}

/** What a provider's word has to hold. All of what is listed is required. */
export interface Requirements {
  readonly audiences: ReadonlyArray<string>
  readonly emailVerified: boolean
  /** Lower case. */
  readonly domains: ReadonlyArray<string>
  readonly hostedDomains: ReadonlyArray<string>
  readonly tenants: ReadonlyArray<string>
  readonly claims: Readonly<Record<string, ReadonlyArray<string>>>
}

const own = (record: unknown, name: string): unknown =>
  Predicate.isObject(record) && Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : undefined

/** A claim by its name, or by the path to it: `groups`, `realm_access.roles`, `https://acme.example/groups`. */
export const claimAt = (claims: Readonly<Record<string, unknown>>, name: string): unknown =>
  own(claims, name) ?? name.split(".").reduce<unknown>(own, claims)

/** The texts of a claim that is one or a list of them. */
export const textsAt = (claims: Readonly<Record<string, unknown>>, name: string): ReadonlyArray<string> => {
  const claim = claimAt(claims, name)
  return (Array.isArray(claim) ? claim : [claim]).filter((one) => typeof one === "string")
}

/** The email address, and whether the provider has checked that it is this person's. Some say so in a text. */
export const emailOf = (claims: Claims): { readonly address: string | undefined; readonly verified: boolean } => ({
  address: typeof claims.email === "string" && claims.email.length <= 320 ? claims.email : undefined,
  verified: claims.email_verified === true || claims.email_verified === "true"
})

const domainOf = (address: string | undefined): string | undefined =>
  address?.includes("@") === true ? address.slice(address.lastIndexOf("@") + 1).toLowerCase() : undefined

/** Why a provider's word about somebody is not enough, for the audit log; `undefined` where it is. */
export const problemWith = (claims: Claims, wanted: Requirements, clientId: string): string | undefined => {
  const audiences = typeof claims.aud === "string" ? [claims.aud] : claims.aud
  const other = audiences.find((audience) => audience !== clientId && !wanted.audiences.includes(audience))
  if (other !== undefined) return `it is for ${other} as well`
  const email = emailOf(claims)
  if (wanted.emailVerified && (!email.verified || email.address === undefined))
    return "its email address is not verified"
  if (wanted.domains.length > 0) {
    if (!email.verified) return "its email address is not verified"
    if (!wanted.domains.includes(domainOf(email.address) ?? "")) return "its email address is of another domain"
  }
  const oneOf = { hd: wanted.hostedDomains, tid: wanted.tenants, ...wanted.claims }
  for (const [name, values] of Object.entries(oneOf)) {
    if (values.length === 0 && !Object.hasOwn(wanted.claims, name)) continue
    if (!textsAt(claims, name).some((text) => values.includes(text))) return `its claim ${name} is not as it has to be`
  }
  return undefined
}
