import { GateError } from "@portico/gate"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import type { KernelService, NodeView } from "@portico/kernel"
import { Path, type PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Origin } from "../AuditEvent.ts"
import type { Audit } from "./audit.ts"
import { holdsCredentials } from "./identities.ts"
import { addressKey } from "./limits/addressKey.ts"
import { attemptAll, makeThrottle, type Try } from "./limits/throttle.ts"
import { checkPassword, type Passwords } from "./passwords.ts"
import { stored } from "./store.ts"

const minutes = 60_000

/** Password sign-in. */
export interface SignIn {
  /**
   * The identity whose password this is. `address` is a path, `@id`, or a name under `/identities`. Fails with
   * `UNAUTHENTICATED` alike for an unknown identity and a wrong password, and with `RATE_LIMITED` after too many of them.
   */
  readonly withPassword: (
    address: string,
    password: string,
    from: Origin
  ) => Effect.Effect<NodeView, GateError | PorticoError | DatabaseError>
  readonly hasPassword: (identity: string) => Effect.Effect<boolean, DatabaseError>
  readonly setPassword: (identity: string, password: string) => Effect.Effect<void, PorticoError | DatabaseError>
}

export interface SignInOptions {
  readonly kernel: KernelService
  readonly database: DatabaseService
  readonly passwords: Passwords
  readonly audit: Audit
  /** The database, where people sign in through other processes on it, too. */
  readonly shared: DatabaseService | undefined
}

const wrong = GateError.make("UNAUTHENTICATED", "There is no such identity with this password.")

export const makeSignIn = ({ audit, database: { sql }, kernel, passwords, shared }: SignInOptions): SignIn => {
  // One identity from one address: five tries, then back-off. One address: thirty, whatever it tries. One identity from
  // anywhere: a hundred, so that many addresses are not many more tries, and a stranger cannot lock others out cheaply.
  const max = 15 * minutes
  const byBoth = makeThrottle({ name: "password", free: 5, base: 1_000, max }, shared)
  const byAddress = makeThrottle({ name: "password-address", free: 30, base: 1_000, max }, shared)
  const byIdentity = makeThrottle({ name: "password-identity", free: 100, base: 1_000, max: 5 * minutes }, shared)

  const storedHash = (identity: string) =>
    Effect.map(
      stored(sql<{ readonly hash: string }>`SELECT hash FROM auth_passwords WHERE identity = ${identity}`),
      ([row]) => row?.hash
    )

  return {
    withPassword: (address, password, from) =>
      Effect.gen(function* () {
        const node = yield* findIdentity(kernel, address)
        const name = node?.id ?? address.slice(0, 200)
        const place = addressKey(from.address)
        const pair: Try = [byBoth, `${place} ${name}`]
        const wide: ReadonlyArray<Try> = [
          [byAddress, place],
          [byIdentity, name]
        ]
        yield* attemptAll([...wide, pair])
        const good = yield* passwords.verify(password, node === undefined ? undefined : yield* storedHash(node.id))
        if (!good || node === undefined) {
          yield* Effect.ignore(audit.writeRefusal({ event: "sign-in.refused", identity: node?.id, from }))
          return yield* Effect.fail(wrong)
        }
        // Only this pair starts afresh: who has one password must not get more tries at others by using it.
        yield* pair[0].forget(pair[1])
        for (const [throttle, key] of wide) yield* throttle.refund(key)
        return node
      }),

    hasPassword: (identity) => Effect.map(storedHash(identity), (hash) => hash !== undefined),

    setPassword: (identity, password) =>
      Effect.gen(function* () {
        yield* checkPassword(password)
        const hash = yield* passwords.hash(password)
        const now = yield* Clock.currentTimeMillis
        yield* stored(
          sql`INSERT INTO auth_passwords (identity, hash, changed_at) VALUES (${identity}, ${hash}, ${now}) ON CONFLICT (identity) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`
        )
      })
  }
}

/** A User or Service by what people call it: a path, `@id`, or a name under `/identities`. */
export const findIdentity = (
  kernel: KernelService,
  address: string
): Effect.Effect<NodeView | undefined, PorticoError> => {
  const full = address.startsWith("/") || address.startsWith("@") ? address : `/identities/${address}`
  const parsed = Path.parse(full)
  if (Result.isFailure(parsed) || (parsed.success._tag !== "Tree" && parsed.success._tag !== "Id")) {
    return Effect.undefined
  }
  return Effect.map(kernel.node(full), (found) => Option.getOrUndefined(Option.filter(found, holdsCredentials)))
}
