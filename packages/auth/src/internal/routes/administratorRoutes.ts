import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import * as operations from "../openapi.ts"
import { caller, json, origin } from "./answers.ts"

const Password = Schema.String.check(Schema.isMaxLength(2_048))
const Create = Schema.Struct({
  name: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  password: Password
})
const Reset = Schema.Struct({
  identity: Schema.NonEmptyString.check(Schema.isMaxLength(1_024)),
  password: Password
})

const by = Effect.gen(function* () {
  const { id } = yield* caller
  return { actor: id, from: yield* origin }
})

const create = Effect.gen(function* () {
  const { administrators } = yield* AuthInternals
  const wanted = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Create))
  return json({ identity: yield* administrators.create(wanted, yield* by) }, 201)
})

const reset = Effect.gen(function* () {
  const { administrators } = yield* AuthInternals
  const wanted = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Reset))
  return json({ identity: yield* administrators.reset(wanted, yield* by) })
})

/** People who look after the instance, made and helped by operators: what the command line asks. */
export const administratorRoutes = [
  {
    id: "route:administrators-create",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/administrators",
    method: "POST",
    openapi: operations.createAdministrator,
    handle: create
  },
  {
    id: "route:administrators-reset",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/administrators/reset",
    method: "POST",
    openapi: operations.resetAdministrator,
    handle: reset
  }
] as const
