import { Gateway } from "@portico/gate"
import { Analytics, AnalyticsError, type AnalyticsService } from "@portico/gate/contracts"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as PostHog from "./PostHog.ts"

const { setting } = Gateway

const Url = Schema.String.check(Schema.isPattern(/^https?:\/\/[^/?#]+(?:\/[^?#]*)?$/))
const ProjectId = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/))
const Interval = Schema.Int.check(Schema.isBetween({ minimum: 100, maximum: 600_000 }))

/** Settings of {@link PostHogModule}; their keys start with `posthog.`. Without `projectKey` it is off. */
export const PostHogConfig = Schema.Struct({
  projectKey: Schema.optionalKey(
    setting(Schema.NonEmptyString, {
      env: "PORTICO_POSTHOG_PROJECT_KEY",
      description: "Key of the PostHog project that events go to (phc_…). Unset: they go nowhere."
    })
  ),
  url: Schema.optionalKey(
    setting(Url, {
      env: "PORTICO_POSTHOG_URL",
      description: "Where PostHog takes events, for example https://eu.i.posthog.com. Needed with the key."
    })
  ),
  personalKey: Schema.optionalKey(
    setting(Schema.Redacted(Schema.NonEmptyString), {
      env: "PORTICO_POSTHOG_PERSONAL_KEY",
      description: "A personal API key that may read queries (phx_…). Unset: PostHog is not asked for anything."
    })
  ),
  projectId: Schema.optionalKey(
    setting(ProjectId, {
      env: "PORTICO_POSTHOG_PROJECT_ID",
      description: "Number of the project that is asked. Needed with the personal key."
    })
  ),
  queryUrl: Schema.optionalKey(
    setting(Url, {
      env: "PORTICO_POSTHOG_QUERY_URL",
      description: "Where PostHog answers queries. Unset: posthog.url, in PostHog's cloud without its `.i`."
    })
  ),
  interval: setting(Schema.withDecodingDefaultKey<typeof Interval>(Effect.succeed(5_000))(Interval), {
    env: "PORTICO_POSTHOG_INTERVAL",
    description: "How long an event may wait to be sent, in milliseconds."
  })
})

/** Settings that need each other are not all there. */
export class PostHogStartError extends Data.TaggedError("PostHogStartError")<{ readonly message: string }> {}

const notAsked = new AnalyticsError({ reason: "NotImplemented", message: "No analytics are set up." })

const off: AnalyticsService = {
  enabled: false,
  capture: () => Effect.void,
  identify: () => Effect.void,
  queries: new Set(),
  query: () => Effect.fail(notAsked),
  flush: Effect.void
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "")

/** In PostHog's cloud events go to `eu.i.posthog.com`, and queries to `eu.posthog.com`. */
const queryUrlOf = (url: string): string => url.replace(/^(https:\/\/[a-z]+)\.i\.posthog\.com$/, "$1.posthog.com")

const missing = (message: string) => new PostHogStartError({ message })

const layer = Layer.effect(
  Analytics,
  Effect.gen(function* () {
    const { interval, personalKey, projectId, projectKey, queryUrl, url } = yield* Gateway.config(PostHogConfig)
    if (projectKey === undefined) return off
    if (url === undefined) return yield* missing('"posthog.projectKey" is set; set "posthog.url" as well.')
    if (personalKey !== undefined && projectId === undefined) {
      return yield* missing('"posthog.personalKey" is set; set "posthog.projectId" as well.')
    }
    const questions =
      personalKey === undefined || projectId === undefined
        ? undefined
        : { personalKey, projectId, url: withoutSlash(queryUrl ?? queryUrlOf(withoutSlash(url))) }
    return yield* PostHog.make({ url: withoutSlash(url), projectKey, questions, delivery: { interval } })
  })
)

/**
 * Provides `Analytics` with PostHog: in its cloud, or one of your own. Off, and free of cost, until the setting
 * `posthog.projectKey` (`PORTICO_POSTHOG_PROJECT_KEY`) is there.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { PostHogModule } from "@portico/gate-adapters/posthog"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [PostHogModule]
 * })
 * ```
 */
export const PostHogModule = Gateway.module.define({
  id: "posthog",
  displayName: "Analytics (PostHog)",
  description: "Sends events to PostHog, and asks it.",
  version: "0.1.0",
  provides: [Analytics],
  config: PostHogConfig,
  layer,
  onBootFailure: "degrade"
})
