import { resolve } from "node:path"
import { type AuthenticatorService, FrameworkSettings, Gateway } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { Kernel } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AuthService } from "../Auth.ts"
import { AuthConfig } from "../AuthConfig.ts"
import { AuthStartError } from "../AuthStartError.ts"
import { makeAccessTokens } from "./accessTokens.ts"
import { makeApiKeys } from "./apiKeys.ts"
import { makeAudit } from "./audit.ts"
import { makeAuthenticator } from "./authenticator.ts"
import { makeCallers } from "./callers.ts"
import { identityPaths, makeBuiltIn } from "./identities.ts"
import { keepOperatorToken, operatorTokenFile } from "./operatorToken.ts"
import { makePasswords } from "./passwords.ts"
import { makeSetup, type Setup } from "./setup.ts"
import { makeSignIn, type SignIn } from "./signIn.ts"
import { loadSigningKeys, type SigningKeys } from "./signingKeys.ts"
import { stored } from "./store.ts"
import { makeCache, makeVerifier } from "./verifier.ts"

/** Everything of this module, wired together. What is public is in `auth` and `authenticator`. */
export interface Wired {
  readonly auth: AuthService
  readonly authenticator: AuthenticatorService
  readonly setup: Setup
  readonly signIn: SignIn
  readonly jwks: SigningKeys["jwks"]
}

/** Loads keys, makes what the first start makes, and wires the services. */
export const makeAuth = Effect.gen(function* () {
  const kernel = yield* Kernel
  const database = yield* Database
  const settings = yield* FrameworkSettings
  const config = yield* Gateway.config(AuthConfig)
  const dataDir = resolve(settings.dataDir)
  const publicUrl = (settings.publicUrl ?? `http://localhost:${settings.port}`).replace(/\/+$/, "")

  const signing = yield* loadSigningKeys(dataDir)
  const audit = makeAudit(database)
  const cache = makeCache(config.cachedCredentials)
  const keys = makeApiKeys(database, () => cache.clear())
  const tokens = makeAccessTokens({ issuer: publicUrl, lifetime: config.accessTokenLifetime, keys: signing })
  const verifier = makeVerifier({
    kernel,
    tokens,
    keys,
    callers: makeCallers(kernel),
    audit,
    cache,
    clock: yield* Clock.Clock
  })
  const signIn = makeSignIn({ kernel, database, passwords: yield* makePasswords(), audit })
  const setup = makeSetup({ kernel, database, keys, tokens, signIn, audit })

  const operator = yield* firstStart
  if (operator !== undefined && (yield* keepOperatorToken(dataDir, operator, keys))) {
    yield* audit.write({ event: "operator-token.written", identity: operator, details: { file: operatorTokenFile } })
  }

  const auth: AuthService = {
    issuer: publicUrl,
    issueAccessToken: (identity) => tokens.issue(identity),
    verify: (credential) => Effect.map(verifier.verify(credential), Option.getOrThrow),
    apiKeys: {
      create: (identity, options) => keys.create(identity, { ...options, kind: "api-key" }),
      list: keys.list,
      revoke: keys.revoke
    },
    setPassword: signIn.setPassword,
    audit: audit.write
  }
  const wired: Wired = {
    auth,
    authenticator: makeAuthenticator(verifier),
    setup,
    signIn,
    jwks: signing.jwks
  }
  return wired
})

/**
 * Makes the identities of the first start, once: what an operator changes about them later stays changed. Gives the id
 * of the operator, unless somebody has removed it.
 */
const firstStart = Effect.gen(function* () {
  const kernel = yield* Kernel
  const { sql } = yield* Database
  const done = yield* stored(sql`SELECT 1 FROM auth_state WHERE name = 'identities'`)
  if (done.length === 0) {
    yield* makeBuiltIn(kernel)
    yield* stored(sql`INSERT INTO auth_state ${sql.insert({ name: "identities", value: "1" })}`)
  }
  const operator = yield* kernel.node(identityPaths.operator)
  return Option.match(operator, { onNone: () => undefined, onSome: (node) => node.id })
}).pipe(
  Effect.mapError(
    (cause) => new AuthStartError({ message: `The identities of the first start: ${cause.message}`, cause })
  )
)
