import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import type { KernelService, NodeView } from "@portico/kernel"
import { K, PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Origin } from "../AuditEvent.ts"
import type { Administrator, AuthService } from "../Auth.ts"
import type { Audit } from "./audit.ts"
import { identityPaths, makeIdentity, makeOperator } from "./identities.ts"
import { checkPassword } from "./passwords.ts"
import { findIdentity, type SignIn } from "./signIn.ts"
import { stored } from "./store.ts"

/** Who asks for it. */
interface By {
  readonly actor?: string | undefined
  readonly from?: Origin | undefined
}

/** People who look after an instance. */
export interface Administrators {
  /** Whether there has ever been one. */
  readonly isThere: Effect.Effect<boolean, DatabaseError>
  /** Makes one, or goes on where making the first one had stopped. Each step may run again. */
  readonly make: (options: {
    readonly path: string
    readonly name: string
    readonly password: string | undefined
  }) => Effect.Effect<Administrator, PorticoError | DatabaseError>
  /** From now on no one-time link is offered. Comes last, so that one is offered until all of it is done. */
  readonly made: (id: string) => Effect.Effect<void, DatabaseError>
  /** Fails with PATH_CONFLICT where there is somebody of this name, and with INVALID_PARAMS for a weak password. */
  readonly create: (
    options: Parameters<AuthService["administrators"]["create"]>[0],
    by: By
  ) => Effect.Effect<Administrator, PorticoError | DatabaseError>
  /** Fails with NOT_FOUND, and with INVALID_PARAMS for a weak password. */
  readonly reset: (
    options: Parameters<AuthService["administrators"]["reset"]>[0],
    by: By
  ) => Effect.Effect<Administrator, PorticoError | DatabaseError>
}

export interface AdministratorsOptions {
  readonly kernel: KernelService
  readonly database: DatabaseService
  readonly signIn: Pick<SignIn, "setPassword">
  readonly audit: Audit
  /** Takes everything away that an identity signs in with beside its password, and ends what has begun with it. */
  readonly startAfresh: (identity: string) => Effect.Effect<void, DatabaseError>
}

export const makeAdministrators = (options: AdministratorsOptions): Administrators => {
  const { audit, kernel, signIn, startAfresh } = options
  const { sql } = options.database

  const isThere = Effect.map(stored(sql`SELECT 1 FROM auth_state WHERE name = 'setup'`), (rows) => rows.length > 0)

  const made: Administrators["made"] = (id) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) =>
      Effect.asVoid(
        stored(
          sql`INSERT INTO auth_state ${sql.insert({ name: "setup", value: JSON.stringify({ id, at }) })} ON CONFLICT DO NOTHING`
        )
      )
    )

  const make: Administrators["make"] = Effect.fnUntraced(function* ({ name, password, path }) {
    const description = "Looks after this instance."
    const id = yield* makeIdentity(kernel, { class: K.User.ref, path, name, description })
    yield* makeOperator(kernel, path)
    if (password !== undefined) yield* signIn.setPassword(id, password)
    return { id, path }
  })

  return {
    isThere,
    made,
    make,

    create: Effect.fnUntraced(function* ({ name, password }, by) {
      if (name.includes("/")) return yield* Effect.fail(badName(name))
      const path = `/identities/${name}`
      yield* checkPassword(password, [name])
      const known = yield* kernel.node(path)
      if (Option.isSome(known) && ((yield* isThere) || !isUser(known.value))) return yield* Effect.fail(taken(path))
      const administrator = yield* make({ path, name: path === identityPaths.admin ? "Administrator" : name, password })
      yield* audit.write({ event: "administrator.created", identity: administrator.id, ...by })
      yield* made(administrator.id)
      return administrator
    }),

    reset: Effect.fnUntraced(function* ({ identity, password }, by) {
      const node = yield* findIdentity(kernel, identity)
      if (node === undefined || !isUser(node)) {
        return yield* Effect.fail(PorticoError.make("NOT_FOUND", `There is no User ${identity}.`))
      }
      yield* checkPassword(password, [node.slug])
      yield* signIn.setPassword(node.id, password)
      yield* startAfresh(node.id)
      yield* audit.write({ event: "sign-in.reset", identity: node.id, ...by })
      return { id: node.id, path: node.path }
    })
  }
}

const isUser = (node: NodeView): boolean => node.class === K.User.ref

const taken = (path: string) => PorticoError.make("PATH_CONFLICT", `There is somebody at ${path} already.`)

const badName = (name: string) =>
  PorticoError.make("INVALID_PARAMS", `${JSON.stringify(name)} is not a name.`, {
    issues: [{ path: ["name"], code: "slug", message: "has to be one segment of a path" }]
  })
