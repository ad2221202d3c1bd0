import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/** Told of each layer that is built: what it gave, and what it was built with. */
export type BuildSeen = (gave: Context.Context<never>, services: Context.Context<never>) => void

/** `inner`, where somebody looks on as layers are built. */
export const watchedMemoMap = (inner: Layer.MemoMap, seen: BuildSeen): Layer.MemoMap => {
  const getOrElseMemoize: Layer.MemoMap["getOrElseMemoize"] = (layer, scope, build) =>
    inner.getOrElseMemoize(layer, scope, (_, inside) =>
      Effect.contextWith((services: Context.Context<never>) =>
        Effect.tap(build(watched, inside), (gave) =>
          // It is only looked at, by key.
          Effect.sync(() => seen(gave as unknown as Context.Context<never>, services))
        )
      )
    )
  const watched: Layer.MemoMap = Object.assign(Object.create(inner), { getOrElseMemoize })
  return watched
}
