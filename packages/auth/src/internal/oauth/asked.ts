import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Client } from "./clients.ts"
import { OAuthError } from "./OAuthError.ts"
import { defaultScope, parseScope } from "./scopes.ts"

/** The words that a client asks for, as far as it was registered for them. */
export const askedWords = (
  scope: string | undefined,
  client: Client | undefined
): Effect.Effect<ReadonlyArray<string>, OAuthError> => {
  if (scope === undefined) return Effect.succeed(client?.scope ?? defaultScope)
  const parsed = parseScope(scope)
  if (Result.isFailure(parsed)) {
    return Effect.fail(OAuthError.make("invalid_scope", `This scope does not exist: ${parsed.failure}`))
  }
  const beyond = parsed.success.find((word) => !(client?.scope?.includes(word) ?? true) && !word.startsWith("node:"))
  return beyond === undefined
    ? Effect.succeed(parsed.success)
    : Effect.fail(OAuthError.make("invalid_scope", `The client was not registered for: ${beyond}`))
}

/** Whether a resource (RFC 8707) is this instance or something of it. */
export const isOwnResource = (resource: string, issuer: string): boolean =>
  (resource === issuer || resource.startsWith(`${issuer}/`)) && !resource.includes("#")

/** Refuses a token for some other resource: it would not be good for anything. */
export const checkResource = (params: ReadonlyMap<string, string>, issuer: string): Effect.Effect<void, OAuthError> => {
  const resource = params.get("resource")
  return resource === undefined || isOwnResource(resource, issuer)
    ? Effect.void
    : Effect.fail(OAuthError.make("invalid_target", "Tokens are for this instance only."))
}
