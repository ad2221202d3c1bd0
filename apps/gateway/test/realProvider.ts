import { createServer } from "node:http"
import { exportJWK, generateKeyPair } from "jose"
import Provider, { type ClientMetadata } from "oidc-provider"

/** An OpenID provider on loopback, whose own pages let in whoever says that they are somebody. */
export interface RealProvider {
  readonly issuer: string
  readonly close: () => void
}

/** `groups` are by login. */
export const startProvider = async (
  issuer: string,
  clients: ReadonlyArray<ClientMetadata>,
  groups: Readonly<Record<string, ReadonlyArray<string>>>
): Promise<RealProvider> => {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true })
  const provider = new Provider(issuer, {
    clients: [...clients],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "rs", use: "sig", alg: "RS256" }] },
    cookies: { keys: ["a secret of the test's"] },
    claims: { profile: ["name", "preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
    scopes: ["openid", "profile", "email", "groups"],
    // The provider's own one calls nobody on loopback.
    fetch: (url, { body = null, headers = {}, method = "GET" } = {}) =>
      globalThis.fetch(url, { body, headers, method }),
    features: { backchannelLogout: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id} of Corp`,
        preferred_username: id,
        email: `${id}@corp.example`,
        email_verified: true,
        groups: groups[id] ?? []
      })
    })
  })
  const server = createServer(provider.callback())
  await new Promise<void>((resolve) => server.listen(Number(new URL(issuer).port), "127.0.0.1", resolve))
  return {
    issuer,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
