import { CurrentCaller } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Option from "effect/Option"
import { Links } from "./Links.ts"
import { LinksApi, Refused } from "./LinksApi.ts"
import { TitleUnavailable } from "./Titles.ts"

/** Handlers of {@link LinksApi}. */
export const handlers = HttpApiBuilder.group(
  LinksApi,
  "links",
  Effect.fn(function* (group) {
    const links = yield* Links
    return group.handleAll({
      list: () => Effect.orDie(links.all),
      add: Effect.fnUntraced(
        function* ({ payload }) {
          const caller = yield* CurrentCaller.option
          const by = Option.map(caller, ({ id }) => id)
          return yield* links.add(Option.getOrThrow(by), payload)
        },
        Effect.mapError((error) =>
          error instanceof TitleUnavailable ? error : new Refused({ code: error.code, message: error.message })
        )
      )
    })
  })
)

/** `GET /go/:slug`: sends the browser on. */
export const go = Effect.gen(function* () {
  const links = yield* Links
  const { slug = "" } = yield* HttpRouter.params
  const { target } = yield* links.find(slug)
  return HttpServerResponse.redirect(target, { status: 302 })
})
