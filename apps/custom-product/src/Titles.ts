import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** The page behind a link could not be read. */
export class TitleUnavailable extends Schema.TaggedError<TitleUnavailable>()(
  "TitleUnavailable",
  { code: Schema.Literal("DISPATCH_FAILED"), message: Schema.String },
  { httpApiStatus: 502 }
) {}

const unavailable = (target: string) =>
  new TitleUnavailable({ code: "DISPATCH_FAILED", message: `${target} did not answer with a page.` })

const pattern = /<title[^>]*>([^<]{1,200})<\/title>/i

/** Reads the titles of pages elsewhere: the one thing in this product that reaches out, and so what its test replaces. */
export class Titles extends Context.Service<
  Titles,
  { readonly titleOf: (target: string) => Effect.Effect<string, TitleUnavailable> }
>()("custom-product/Titles") {
  /** Asks the page itself, for at most three seconds. */
  static readonly layer = Layer.succeed(Titles, {
    titleOf: (target) =>
      Effect.tryPromise({
        try: async (signal) => {
          const response = await fetch(target, { signal, redirect: "follow" })
          const title = pattern.exec((await response.text()).slice(0, 100_000))?.[1]
          return title?.trim() ?? target
        },
        catch: () => unavailable(target)
      }).pipe(Effect.timeoutOrElse({ duration: "3 seconds", orElse: () => Effect.fail(unavailable(target)) }))
  })
}
