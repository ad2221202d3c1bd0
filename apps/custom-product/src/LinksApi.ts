import { Gateway } from "@portico/gate"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import { TitleUnavailable } from "./Titles.ts"

const LinkShape = Schema.Struct({ slug: Schema.String, target: Schema.String, title: Schema.String })

const Slug = Schema.String.check(Schema.isPattern(/^[a-z0-9-]{1,64}$/))
const Target = Schema.String.check(Schema.isPattern(/^https?:\/\/[^\s]{1,2000}$/))

/** Why the store refused, with the code and status of its own catalogue. */
export class Refused extends Schema.TaggedError<Refused>()(
  "Refused",
  { code: Schema.String, message: Schema.String },
  { httpApiStatus: 409 }
) {}

/** Everybody may read; adding needs a credential. */
export class LinksApi extends HttpApi.make("links").add(
  HttpApiGroup.make("links").add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(LinkShape) }).annotate(...Gateway.auth("public")),
    HttpApiEndpoint.post("add", "/", {
      payload: Schema.Struct({ slug: Slug, target: Target }),
      success: LinkShape,
      error: [Refused, TitleUnavailable]
    })
  )
) {}
