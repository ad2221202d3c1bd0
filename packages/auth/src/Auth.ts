import type { Caller, GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { AuditEvent, AuditLine, AuditQuery } from "./AuditEvent.ts"

/** An access token and how long it is good for. */
export interface IssuedToken {
  /** A JWT (RFC 9068). A secret: it is not kept here. */
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** What may be known of an API key after it was made. */
export interface ApiKey {
  /** 20 hexadecimal digits; the key itself starts with `portico_<id>_`. */
  readonly id: string
  /** Node id of the identity that it stands for. */
  readonly identity: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; `null` is until it is revoked. */
  readonly expiresAt: number | null
}

/** A new API key. `key` is shown this once; only its hash is kept. */
export interface NewApiKey extends ApiKey {
  readonly key: string
}

/** Somebody's session in a browser. Times are in milliseconds since the epoch. */
export interface Session {
  /** 20 hexadecimal digits; not the secret. */
  readonly id: string
  readonly createdAt: number
  /** Within some minutes. */
  readonly lastSeenAt: number
  /** When it ends unless it is used. */
  readonly expiresAt: number
  /** How its person signed in, for example `password`. */
  readonly method: string
  /** Where from. */
  readonly address: string | null
  readonly userAgent: string | null
}

/** Somebody who looks after the instance: a User with every bit on `/` and a place among the operators. */
export interface Administrator {
  /** Node id. */
  readonly id: string
  readonly path: string
}

/** The interface behind {@link Auth}. */
export interface AuthService {
  /** Issuer and audience of this instance's access tokens: its public URL. */
  readonly issuer: string
  /** Signs an access token for an identity. It does not ask who wants it. */
  readonly issueAccessToken: (identity: string) => Effect.Effect<IssuedToken, DatabaseError>
  /**
   * Who an API key or access token stands for. Fails with `UNAUTHENTICATED`. For credentials that do not come in an
   * `Authorization` header; requests are authenticated by gate's `Authenticator`.
   */
  readonly verify: (credential: string) => Effect.Effect<Caller, GateError>
  readonly apiKeys: {
    /** `expiresIn` is in seconds. Fails with LIMIT_EXCEEDED beyond 100 keys of one identity. */
    readonly create: (
      identity: string,
      options: { readonly name: string; readonly expiresIn?: number | undefined }
    ) => Effect.Effect<NewApiKey, PorticoError | DatabaseError>
    /** Those that are neither revoked nor expired, the oldest first. */
    readonly list: (identity: string) => Effect.Effect<ReadonlyArray<ApiKey>, DatabaseError>
    /** From the next request on the key is worth nothing. Fails with NOT_FOUND where the identity has no such key. */
    readonly revoke: (identity: string, id: string) => Effect.Effect<void, PorticoError | DatabaseError>
  }
  readonly sessions: {
    /** Those that are good now, the oldest first. */
    readonly list: (identity: string) => Effect.Effect<ReadonlyArray<Session>, DatabaseError>
    /** Fails with NOT_FOUND where the identity has no such session. */
    readonly end: (identity: string, id: string) => Effect.Effect<void, PorticoError | DatabaseError>
  }
  /**
   * Ends all sessions of an identity (but for the one with the id `except`) and every access and refresh token. API keys
   * stay.
   */
  readonly signOutEverywhere: (
    identity: string,
    options?: { readonly except?: string | undefined }
  ) => Effect.Effect<void, DatabaseError>
  /** Sets or replaces a password. Fails with INVALID_PARAMS if it is too short or too long. Sessions and tokens stay. */
  readonly setPassword: (identity: string, password: string) => Effect.Effect<void, PorticoError | DatabaseError>
  /** For whoever looks after the instance from outside, as the command line does. It does not ask who wants it. */
  readonly administrators: {
    /**
     * Makes `/identities/<name>`. The one-time link is worth nothing afterwards. Fails with PATH_CONFLICT where there is
     * somebody already, and with INVALID_PARAMS for a name that is none or a weak password.
     */
    readonly create: (options: {
      readonly name: string
      readonly password: string
    }) => Effect.Effect<Administrator, PorticoError | DatabaseError>
    /**
     * For a User who cannot sign in any more: sets a password, and ends all sessions and tokens. `identity` is a path,
     * `@id`, or a name under `/identities`. Fails with NOT_FOUND and INVALID_PARAMS.
     */
    readonly reset: (options: {
      readonly identity: string
      readonly password: string
    }) => Effect.Effect<Administrator, PorticoError | DatabaseError>
  }
  /** Writes a line of the audit log. */
  readonly audit: (event: AuditEvent) => Effect.Effect<void, DatabaseError>
  /** Lines of the audit log, the newest first. */
  readonly audited: (query: AuditQuery) => Effect.Effect<ReadonlyArray<AuditLine>, DatabaseError>
}

/**
 * Identities' credentials: API keys, passwords and access tokens.
 *
 * @example
 * ```ts
 * import { Auth } from "@portico/auth"
 * import * as Effect from "effect/Effect"
 *
 * const backupKey = (identity: string) =>
 *   Effect.gen(function* () {
 *     const auth = yield* Auth
 *     const { key } = yield* auth.apiKeys.create(identity, { name: "backup job", expiresIn: 86_400 })
 *     return key // shown this once; only its hash is kept
 *   })
 * ```
 */
export class Auth extends Context.Service<Auth, AuthService>()("@portico/auth/Auth") {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "AuthModule of @portico/auth"
}
