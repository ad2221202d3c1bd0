import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import type { KernelService } from "@portico/kernel"
import * as Effect from "effect/Effect"
import type { AccessTokens } from "../accessTokens.ts"
import type { Audit } from "../audit.ts"
import type { ForeignKeys } from "../keys/foreignKeys.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"
import type { Replays } from "../proof/replays.ts"
import type { Revocations } from "../revocations.ts"
import { makeVerifyAssertion } from "./assertions.ts"
import { type AuthenticateClient, makeAuthenticateClient } from "./clientAuth.ts"
import { type Clients, makeClients } from "./clients.ts"
import { type Codes, makeCodes } from "./codes.ts"
import { type Devices, makeDevices } from "./devices.ts"
import { type Grants, makeGrants } from "./grants.ts"
import { type Issuers, makeIssuers } from "./issuers.ts"
import { makeMinting } from "./minting.ts"
import { makeTokenGrants, type TokenGrantType } from "./tokenGrants.ts"

export interface OAuthOptions {
  readonly database: DatabaseService
  readonly kernel: KernelService
  readonly issuer: string
  /** Seconds. */
  readonly accessTokenLifetime: number
  readonly refreshTokenLifetime: number
  readonly keys: SigningKeys
  readonly tokens: AccessTokens
  readonly replays: Replays
  readonly revocations: Revocations
  readonly audit: Audit
  readonly foreignKeys: ForeignKeys
}

/** This instance as an authorization server. */
export interface OAuth {
  readonly clients: Clients
  readonly grants: Grants
  readonly codes: Codes
  readonly devices: Devices
  readonly issuers: Issuers
  readonly authenticateClient: AuthenticateClient
  /** By `grant_type`. */
  readonly tokenGrants: Readonly<Record<string, TokenGrantType>>
  readonly prune: Effect.Effect<void, DatabaseError>
}

export const makeOAuth = (options: OAuthOptions): OAuth => {
  const { audit, database, foreignKeys, issuer, kernel, keys, replays, revocations, tokens } = options
  const clients = makeClients(database)
  const codes = makeCodes(database)
  const devices = makeDevices(database)
  const issuers = makeIssuers(database)
  const idle = options.refreshTokenLifetime * 1_000
  const grants = makeGrants({ database, idle, ended: revocations.endGrant })
  const audiences = [issuer, `${issuer}/auth/token`]
  const verifyAssertion = makeVerifyAssertion({ foreignKeys, replays, audiences })
  const lifetime = options.accessTokenLifetime
  const minting = makeMinting({ kernel, issuer, lifetime, keys, tokens, revocations, grants })
  return {
    clients,
    grants,
    codes,
    devices,
    issuers,
    authenticateClient: makeAuthenticateClient(clients, verifyAssertion),
    tokenGrants: makeTokenGrants({
      issuer,
      codes,
      grants,
      devices,
      issuers,
      tokens,
      revocations,
      verifyAssertion,
      minting,
      audit
    }),
    prune: Effect.all([clients.prune, grants.prune, codes.prune, devices.prune], { discard: true })
  }
}
