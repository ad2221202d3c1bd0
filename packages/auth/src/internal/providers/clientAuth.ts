import { importJWK, type JWK } from "jose"
import type { ClientAuth } from "openid-client"
import type { Provider } from "./profiles.ts"

type Library = typeof import("openid-client")

/** How we show a provider's token endpoint who we are (OpenID Connect Core 1.0, section 9): settled when it is asked. */
export const clientAuthOf = async (
  oidc: Library,
  { clientAuth, profile }: Pick<Provider, "clientAuth" | "profile">,
  secret: string | undefined
): Promise<ClientAuth> => {
  if (clientAuth === "private_key_jwt") return await byKey(oidc, profile, secret)
  if (secret === undefined) return oidc.None()
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)]
  if (clientAuth !== undefined) return clientAuth === "client_secret_post" ? post : basic
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
    const isBasic = methods.includes("client_secret_basic") || !methods.includes("client_secret_post")
    return (isBasic ? basic : post)(server, ...rest)
  }
}

/** With an assertion (RFC 7523) by a private key, which is a JWK where the secret would be. */
const byKey = async (oidc: Library, profile: Provider["profile"], secret: string | undefined): Promise<ClientAuth> => {
  const { jwk, key } = await privateKeyOf(secret)
  return (server, ...rest) => {
    const modify = (header: Record<string, unknown>, payload: Record<string, unknown>) => {
      // RFC 9864 has another name for it, which not all of them know.
      if (jwk.alg === "EdDSA") header.alg = "EdDSA"
      // Microsoft knows keys by their certificate, and wants to be named by its token endpoint.
      for (const name of ["x5t", "x5t#S256"] as const) if (jwk[name] !== undefined) header[name] = jwk[name]
      if (profile === "microsoft") payload.aud = server.token_endpoint
    }
    const shown = jwk.kid === undefined ? { key } : { key, kid: jwk.kid }
    return oidc.PrivateKeyJwt(shown, { [oidc.modifyAssertion]: modify })(server, ...rest)
  }
}

const algorithms: Readonly<Record<string, string>> = { RSA: "RS256", EC: "ES256", OKP: "EdDSA" }

/** What is wrong is told without any of it. */
const privateKeyOf = async (secret: string | undefined) => {
  try {
    // Boundary: what is no JWK is no key that could be imported.
    const jwk = JSON.parse(secret ?? "") as JWK
    const alg = jwk.alg ?? algorithms[jwk.kty ?? ""] ?? ""
    const key = await importJWK(jwk, alg)
    if (!(key instanceof Uint8Array) && key.type === "private") return { jwk: { ...jwk, alg }, key }
  } catch {
    // Told below.
  }
  throw new Error("its secret is not the private key that private_key_jwt needs: a JWK")
}
