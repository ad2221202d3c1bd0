import { CurrentCaller } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import * as operations from "../openapi.ts"
import { json, origin } from "./answers.ts"

const Rotation = Schema.Struct({ atOnce: Schema.optionalKey(Schema.Boolean) })

const jwks = Effect.gen(function* () {
  const { keyRing } = yield* AuthInternals
  yield* keyRing.learn
  const now = yield* Clock.currentTimeMillis
  return HttpServerResponse.jsonUnsafe(keyRing.jwks(now), { headers: { "cache-control": "public, max-age=300" } })
})

const list = Effect.gen(function* () {
  const { keyRing } = yield* AuthInternals
  yield* keyRing.learn
  return json({ keys: yield* keyRing.list })
})

const rotate = Effect.gen(function* () {
  const { auth, keyRing, rotateKeys } = yield* AuthInternals
  const { atOnce = false } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Rotation))
  yield* rotateKeys(atOnce)
  const { caller } = yield* CurrentCaller
  const actor = Option.getOrUndefined(caller)?.id
  const details = { kid: keyRing.active.kid, atOnce }
  yield* auth.audit({ event: "signing-key.rotated", actor, from: yield* origin, details })
  return json({ keys: yield* keyRing.list })
})

/** The instance's own keys: published for everybody, looked after by operators. */
export const keyRoutes = [
  {
    id: "route:jwks",
    scope: "public",
    cors: "any",
    mountPath: "/.well-known/jwks.json",
    auth: "public",
    openapi: operations.jwks,
    handle: jwks
  },
  {
    id: "route:signing-keys",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/signing-keys",
    openapi: operations.signingKeys,
    handle: list
  },
  {
    id: "route:signing-keys-rotate",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/signing-keys/rotate",
    method: "POST",
    openapi: operations.rotateSigningKeys,
    handle: rotate
  }
] as const
