import { AuthModule } from "@portico/auth"
import { Gateway, Settings } from "@portico/gate"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { KernelModule } from "@portico/kernel"
import { describe, expect, it } from "vitest"

const product = Gateway.make({
  identity: { id: "test", name: "Test" },
  modules: [SqliteModule, KernelModule, AuthModule]
})

/** What is said of providers, where anything is wrong with them. */
const problemsOf = (providers: unknown): string => {
  const env = { PORTICO_AUTH_PROVIDERS: JSON.stringify(providers) }
  return Settings.resolve(product, { env })
    .diagnostics.map(({ message }) => message)
    .join("\n")
}

const corp = { issuer: "https://sso.corp.example/realms/main", clientId: "portico" }

describe("the settings of providers", () => {
  it("are fine with an issuer and a client, and with what a profile knows", () => {
    const tenant = "11111111-2222-3333-4444-555555555555"
    const fine = [
      corp,
      { ...corp, issuer: "http://localhost:8080/realms/x" },
      { ...corp, issuer: "https://corp.eu.auth0.com/", profile: "auth0" },
      { profile: "google", clientId: "x", trust: { hostedDomains: ["corp.example"] } },
      { profile: "microsoft", clientId: "x", tenant },
      { profile: "microsoft", clientId: "x", tenant: "organizations", trust: { tenants: [tenant] } },
      { ...corp, clientAuth: "private_key_jwt", maxAge: 3_600 },
      { ...corp, provisioning: "create", identity: { path: "/identities/corp/{a.b|sub}", name: "{name}" } },
      { ...corp, groups: { staff: "/identities/staff" }, groupsClaim: "https://corp.example/groups" }
    ]
    for (const one of fine) expect(problemsOf({ one })).toBe("")
    expect(problemsOf({})).toBe("")
  })

  it("are refused where they are incomplete, contradict themselves or are misspelt", () => {
    const bad: ReadonlyArray<readonly [unknown, RegExp]> = [
      [{ clientId: "x" }, /corp: an issuer is missing/],
      [{ ...corp, clientId: undefined }, /clientId/],
      [{ profile: "microsoft", clientId: "x" }, /needs its tenant/],
      [{ profile: "microsoft", clientId: "x", tenant: "common" }, /trust.tenants/],
      [{ profile: "microsoft", clientId: "x", tenant: "organizations", trust: { tenants: [] } }, /trust.tenants/],
      [{ profile: "microsoft", clientId: "x", tenant: "corp.example" }, /tenant/],
      [{ ...corp, maxAge: -1 }, /maxAge/],
      [{ ...corp, clientAuth: "client_secret_jwt" }, /clientAuth/],
      [{ ...corp, tenant: "11111111-2222-3333-4444-555555555555" }, /a tenant is for/],
      [{ profile: "google", clientId: "x", issuer: corp.issuer }, /has its own issuer/],
      [{ ...corp, scopes: ["profile"] }, /openid/],
      [{ ...corp, issuer: "http://sso.corp.example" }, /https URL/],
      [{ ...corp, issuer: "https://sso.corp.example?x=1" }, /https URL/],
      [{ ...corp, profile: "github" }, /profile/],
      [{ ...corp, provisioning: "everybody" }, /provisioning/],
      // A requirement that is misspelt would be none.
      [{ ...corp, trust: { domain: ["corp.example"] } }, /domain/],
      [{ ...corp, trusts: {} }, /trusts/],
      [{ ...corp, identity: { path: "/somewhere/{sub}" } }, /below \/identities/],
      [{ ...corp, identity: { path: "/identities" } }, /below \/identities/],
      [{ ...corp, identity: { name: "{name" } }, /braces/],
      [{ ...corp, groups: { staff: "staff" } }, /path of a Role or Group/]
    ]
    for (const [settings, problem] of bad) expect(problemsOf({ corp: settings })).toMatch(problem)
    for (const id of ["Corp", "a/b", "", "-a", "x".repeat(33)]) expect(problemsOf({ [id]: corp })).not.toBe("")
  })

  it("never show a secret", () => {
    const env = { PORTICO_AUTH_PROVIDER_SECRETS: '{"corp":"hunter2"}' }
    const { diagnostics, settings } = Settings.resolve(product, { env })
    expect(diagnostics).toEqual([])
    const secrets = settings.filter(({ key }) => key === "auth.providerSecrets")
    expect(secrets).toMatchObject([{ value: "<redacted>", secret: true }])
    expect(JSON.stringify(settings)).not.toContain("hunter2")
  })
})
