import { proofAlgorithms } from "../proof/dpop.ts"
import { clientMethods, grantTypes } from "./clients.ts"
import { scopeWords } from "./scopes.ts"

const assertionAlgorithms = ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"]

/** What clients read about this instance (RFC 8414; OpenID Connect Discovery). */
export const serverMetadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/auth/authorize`,
  token_endpoint: `${issuer}/auth/token`,
  userinfo_endpoint: `${issuer}/auth/userinfo`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  registration_endpoint: `${issuer}/auth/register`,
  revocation_endpoint: `${issuer}/auth/revoke`,
  introspection_endpoint: `${issuer}/auth/introspect`,
  device_authorization_endpoint: `${issuer}/auth/device`,
  scopes_supported: scopeWords,
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: Object.values(grantTypes),
  code_challenge_methods_supported: ["S256"],
  token_endpoint_auth_methods_supported: clientMethods,
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  revocation_endpoint_auth_methods_supported: clientMethods,
  revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  introspection_endpoint_auth_methods_supported: clientMethods.filter((method) => method !== "none"),
  introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  dpop_signing_alg_values_supported: proofAlgorithms,
  authorization_response_iss_parameter_supported: true,
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["EdDSA"],
  claims_supported: ["sub", "name", "preferred_username", "auth_time", "nonce"],
  prompt_values_supported: ["none", "login", "consent"],
  request_parameter_supported: false,
  request_uri_parameter_supported: false
})

/** What clients read about what they want to call (RFC 9728). `path` is below the instance, or empty. */
export const resourceMetadata = (issuer: string, path: string, name: string) => ({
  resource: `${issuer}${path}`,
  resource_name: name,
  authorization_servers: [issuer],
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  scopes_supported: scopeWords.filter((word) => !["openid", "profile", "offline_access"].includes(word)),
  bearer_methods_supported: ["header"],
  dpop_signing_alg_values_supported: proofAlgorithms
})
