import { GateError } from "@portico/gate"
import { Kernel } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import * as operations from "../openapi.ts"
import { findIdentity } from "../signIn.ts"
import { json } from "./answers.ts"

const Whole = Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 2 ** 53 - 1 }))
const Query = Schema.Struct({
  event: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[a-z0-9-]{1,64}(\.[a-z0-9-]{1,64}){0,4}$/))),
  identity: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096))),
  address: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64))),
  since: Schema.optionalKey(Whole),
  until: Schema.optionalKey(Whole),
  before: Schema.optionalKey(Whole),
  limit: Schema.optionalKey(Whole.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })))
})
const decode = Schema.decodeUnknownEffect(Query)

/** Node id of whom an address means. Somebody who is gone is found by their id. */
const idOf = (address: string) =>
  Effect.gen(function* () {
    const found = yield* findIdentity(yield* Kernel, address)
    if (found !== undefined) return found.id
    if (address.startsWith("@")) return address.slice(1)
    return yield* Effect.fail(GateError.make("NOT_FOUND", "There is no such identity."))
  })

const list = Effect.gen(function* () {
  const { audit } = yield* AuthInternals
  const { identity, limit = 100, ...query } = yield* Effect.flatMap(HttpServerRequest.ParsedSearchParams, decode)
  const of = identity === undefined ? undefined : yield* idOf(identity)
  const found = yield* audit.list({ ...query, identity: of, limit: limit + 1 })
  const lines = found.slice(0, limit)
  const paths = yield* pathsOf(lines.flatMap(({ actor, identity }) => [actor, identity]))
  const named = (id: string | null) => (id === null ? null : { id, path: paths.get(id) ?? null })
  const last = lines.at(-1)
  return json({
    lines: lines.map((line) => ({ ...line, identity: named(line.identity), actor: named(line.actor) })),
    ...(found.length > limit && last !== undefined ? { next: last.id } : {})
  })
})

/** Where identities are now, by their ids. */
const pathsOf = (ids: ReadonlyArray<string | null>) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    const known = new Set(ids.filter((id) => id !== null))
    const found = yield* Effect.forEach(known, (id) =>
      Effect.map(
        kernel.node(`@${id}`),
        Option.map(({ path }) => [id, path] as const)
      )
    )
    return new Map(found.flatMap(Option.toArray))
  })

/** What operators see of the audit log. */
export const auditRoutes = [
  {
    id: "route:audit",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/audit",
    openapi: operations.audit,
    handle: list
  }
] as const
