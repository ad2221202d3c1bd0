import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { JsonObject } from "../openapi/json.ts"

// Everything that the page runs and shows is in the page itself.
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src data:",
  "connect-src 'self'",
  "frame-ancestors 'none'"
].join("; ")

/** Headers of the page: it may run its own script and call this server, and nothing else. */
export const docsHeaders: Readonly<Record<string, string>> = { "content-security-policy": policy }

/** How the reference is shown: without its fonts, its maker's links and its telemetry, and with the token's field open. */
const reference = {
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  authentication: { preferredSecurityScheme: "bearer" },
  // On a phone an operation is as wide as the page and its margin: without this the page could be pushed aside. And the
  // list of a group's endpoints is as long as it is: a keyboard would not reach the end of a box that scrolls.
  customCss:
    ".references-rendered { overflow-x: clip } " +
    ".endpoints-card .scalar-card-content { max-height: none !important; overflow: visible !important } " +
    "ul.endpoints { max-height: none !important; overflow: visible !important }"
}

/**
 * The API reference as one page that needs no network. The script in it is three megabytes, so it is loaded when
 * somebody first asks, and only the packed page is kept.
 */
export const docsPage = (document: JsonObject): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { HttpApi, HttpApiScalar, HttpRouter, Layer, OpenApi } = yield* Effect.promise(load)
    // The page is made from an api; this one is empty and describes itself with our document.
    const api = HttpApi.make("docs").annotate(OpenApi.Transform, () => document)
    const router = yield* HttpRouter.make
    const pages: Array<Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, unknown>> = []
    const collector = HttpRouter.HttpRouter.of({
      ...router,
      // The page needs nothing, and comes as an effect.
      add: (_method, _path, handler) => Effect.sync(() => void pages.push(handler as (typeof pages)[number]))
    })
    const scalar = HttpApiScalar.layer(api, { path: "/docs", scalar: reference })
    yield* Effect.scoped(Layer.build(Layer.provide(scalar, Layer.succeed(HttpRouter.HttpRouter, collector))))
    const page = pages[0]
    if (page === undefined) return ""
    const response = yield* Effect.orDie(Effect.provideContext(page, Context.empty() as Context.Context<unknown>))
    return HttpBody.isHttpBody(response.body) && response.body._tag === "Uint8Array"
      ? new TextDecoder().decode(response.body.body).replace("<html>", '<html lang="en">')
      : ""
  })

const load = async () => {
  const [HttpApi, HttpApiScalar, HttpRouter, Layer, OpenApi] = await Promise.all([
    import("effect/http-api/HttpApi"),
    import("effect/http-api/HttpApiScalar"),
    import("effect/http/HttpRouter"),
    import("effect/Layer"),
    import("effect/http-api/OpenApi")
  ])
  return { HttpApi, HttpApiScalar, HttpRouter, Layer, OpenApi }
}
