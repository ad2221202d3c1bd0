import { jsonBody } from "@portico/gate/http"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { answers, body, object, tag, text, time } from "../openapiShapes.ts"
import { caller, json, origin } from "../routes/answers.ts"

const address = Schema.String.check(Schema.isMaxLength(4_096))
const Wish = Schema.Struct({
  view: address,
  paths: Schema.Array(address).check(Schema.isMinLength(1), Schema.isMaxLength(64)),
  nodes: Schema.optionalKey(Schema.Array(address).check(Schema.isMinLength(1), Schema.isMaxLength(64))),
  ttl: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400 })))
})

const issue = Effect.gen(function* () {
  const { auth, views } = yield* AuthInternals
  const { ttl = 300, ...wish } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Wish))
  const by = yield* caller
  const { expiresAt, id, token, view } = yield* views.issue(by, { ...wish, ttl })
  const details = { token: id, paths: wish.paths, nodes: wish.nodes, expiresAt }
  yield* auth.audit({ event: "view-token.issued", identity: view, actor: by.id, from: yield* origin, details })
  return json({ token, tokenType: "Bearer", expiresAt }, 201)
})

const addresses = { type: "array", items: text, minItems: 1, maxItems: 64 }

const operation = {
  ...tag,
  summary: "A token to render a public view with, for whoever serves it.",
  ...body(
    object(
      {
        view: { ...text, description: "address of the View; EDIT and SHARE on it are needed" },
        paths: { ...addresses, description: "all that may be called with it" },
        nodes: { ...addresses, description: "the nodes that it reaches, with all below them" },
        ttl: { type: "integer", minimum: 1, default: 300, description: "seconds; as long as an access token at most" }
      },
      ["view", "paths"]
    )
  ),
  ...answers(
    201,
    "It stands for the view as far as the paths go, and browsers are refused with it.",
    object({ token: text, tokenType: { const: "Bearer" }, expiresAt: time })
  )
}

/** What is given to whoever serves a view. */
export const viewRoutes = [
  {
    id: "route:view-tokens",
    scope: "public",
    mountPath: "/auth/view-tokens",
    method: "POST",
    openapi: operation,
    handle: issue
  }
] as const
