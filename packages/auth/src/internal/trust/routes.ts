import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { longestEnrolment } from "../../Enrolment.ts"
import { AuthInternals } from "../AuthInternals.ts"
import { json, origin } from "../routes/answers.ts"

const Body = Schema.Struct({
  credential: Schema.String.check(Schema.isMaxLength(longestEnrolment)),
  proof: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_048)))
})

const enrol = Effect.gen(function* () {
  const { enrolment } = yield* AuthInternals
  const shown = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Body))
  const { apiKey, identity } = yield* enrolment.enrol(shown, yield* origin)
  return json({ identity, apiKey: apiKey.key, tokenType: "Bearer", expiresAt: apiKey.expiresAt }, 201)
})

const text = { type: "string" }
const object = (properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required
})
const content = (schema: unknown) => ({ content: { "application/json": { schema } } })

const operation = {
  tags: ["auth"],
  summary: "Come in with a credential that an operator's root key signed.",
  requestBody: {
    required: true,
    ...content(
      object({ credential: text, proof: { ...text, description: "by the node's key, if it is bound to one" } }, [
        "credential"
      ])
    )
  },
  responses: {
    201: {
      description: "Who one is here, and a key that is shown only now.",
      ...content(
        object({
          identity: object({ id: text, path: text }),
          apiKey: text,
          tokenType: { const: "Bearer" },
          expiresAt: { type: "integer", description: "milliseconds since the epoch" }
        })
      )
    }
  }
}

/** Where workers and clients come in. */
export const trustRoutes = [
  {
    id: "route:enrol",
    scope: "public",
    mountPath: "/auth/enrol",
    method: "POST",
    auth: "public",
    openapi: operation,
    handle: enrol
  }
] as const
