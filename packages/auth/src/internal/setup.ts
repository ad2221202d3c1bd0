import { GateError } from "@portico/gate"
import type { DatabaseError } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Origin } from "../AuditEvent.ts"
import type { Administrator, IssuedToken, NewApiKey } from "../Auth.ts"
import type { AccessTokens } from "./accessTokens.ts"
import type { Administrators } from "./administrators.ts"
import type { ApiKeys } from "./apiKeys.ts"
import type { Audit } from "./audit.ts"
import { identityPaths } from "./identities.ts"
import { checkPassword } from "./passwords.ts"
import { randomSecret, sameBytes, sha256 } from "./secrets.ts"

/** How long a link works, in milliseconds. */
const lifetime = 3_600_000

/** What the first administrator is given. */
export interface FirstAdmin {
  readonly identity: Administrator
  readonly apiKey: NewApiKey
  readonly accessToken: IssuedToken
}

/** Making the first administrator, once in the life of an instance. */
export interface Setup {
  /** A new code, which ends the one before; `undefined` once there is an administrator. */
  readonly offer: Effect.Effect<string | undefined, DatabaseError>
  /** Uses a code up. Fails with `UNAUTHENTICATED` for any but the last one offered, and with `INVALID_PARAMS`. */
  readonly redeem: (
    code: string,
    options: { readonly password?: string | undefined; readonly from: Origin }
  ) => Effect.Effect<FirstAdmin, GateError | PorticoError | DatabaseError>
}

export interface SetupOptions {
  readonly administrators: Pick<Administrators, "isThere" | "make" | "made">
  readonly keys: ApiKeys
  readonly tokens: AccessTokens
  readonly audit: Audit
}

const invalid = GateError.make("UNAUTHENTICATED", "This link is not valid. A link works once, and for an hour.")

export const makeSetup = (options: SetupOptions): Setup => {
  const { administrators, audit, keys, tokens } = options
  // Only the hash is kept, and only in memory: a restart offers a new code.
  let offered: { readonly hash: Buffer; readonly until: number } | undefined

  const makeAdmin = (password: string | undefined, from: Origin) =>
    Effect.gen(function* () {
      const path = identityPaths.admin
      const identity = yield* administrators.make({ path, name: "Administrator", password })
      const { id } = identity
      const apiKey = yield* keys.create(id, { name: "first key", kind: "api-key" })
      const accessToken = yield* tokens.issue({ identity: id })
      yield* audit.write({ event: "setup", identity: id, from, details: { apiKey: apiKey.id } })
      yield* administrators.made(id)
      return { identity, apiKey, accessToken }
    })

  return {
    offer: Effect.gen(function* () {
      if (yield* administrators.isThere) return undefined
      const code = randomSecret()
      offered = { hash: sha256(code), until: (yield* Clock.currentTimeMillis) + lifetime }
      return code
    }),

    redeem: (code, { from, password }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const current = offered
        if (current === undefined || now >= current.until || !sameBytes(current.hash, sha256(code))) {
          yield* Effect.ignore(audit.writeRefusal({ event: "setup.refused", from }))
          return yield* Effect.fail(invalid)
        }
        if (password !== undefined) yield* checkPassword(password, ["admin"])
        // Another process, or the command line, may have made one since.
        if (yield* administrators.isThere) return yield* Effect.fail(invalid)
        // Taken before the first wait, so that of two requests at once only one goes on.
        if (offered !== current) return yield* Effect.fail(invalid)
        offered = undefined
        return yield* Effect.onError(makeAdmin(password, from), () =>
          Effect.sync(() => {
            offered ??= current
          })
        )
      })
  }
}
