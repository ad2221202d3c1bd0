import { Analytics } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Delivery } from "./internal/outgoing.ts"
import type { PostHogAccess } from "./internal/postHogApi.ts"

/** Where PostHog is, and how events are sent to it. */
export interface PostHogOptions extends Omit<PostHogAccess, "timeout"> {
  /** Milliseconds that PostHog may take for an answer. Default 10,000. */
  readonly timeout?: number | undefined
  /** Default: 100 events in a batch, one at least every 5 s, 10,000 that may wait, 3 s to stop. */
  readonly delivery?: Partial<Delivery> | undefined
}

/**
 * Sends events to PostHog, and asks it. Events are gathered in memory: when the scope closes, what is left is sent, and
 * lost only where PostHog does not take it before the deadline, which the log then says.
 */
export const make = Effect.fnUntraced(function* (options: PostHogOptions) {
  // Only a process that has a PostHog pays for speaking to it.
  const { connect } = yield* Effect.promise(() => import("./internal/connect.ts"))
  return yield* connect(options)
})

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts no-run
 * import { Analytics } from "@portico/gate/contracts"
 * import { PostHog } from "@portico/gate-adapters/posthog"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.flatMap(Analytics, ({ capture }) => capture({ event: "note.added", distinctId: "1" }))
 * const layer = PostHog.layer({ url: "https://eu.i.posthog.com", projectKey: "phc_abc", questions: undefined })
 *
 * await Effect.runPromise(Effect.provide(program, layer))
 * ```
 */
export const layer = (options: PostHogOptions): Layer.Layer<Analytics> => Layer.effect(Analytics, make(options))
