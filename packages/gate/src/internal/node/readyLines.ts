import * as Effect from "effect/Effect"
import type { GatewayInstance } from "../../GatewayInstance.ts"
import { StartNotice } from "../../StartNotice.ts"

const listOf = (ids: ReadonlyArray<string>): string => ids.join(", ") || "none"

/** What is said to the person who started a product: where it is, what runs, and what modules want them to know. */
export const readyLines = Effect.fnUntraced(function* (
  instance: GatewayInstance,
  millis: number,
  unready: string | undefined
) {
  const { product } = instance.plan
  const states = yield* instance.states
  const ready = states.filter(({ status }) => status === "ready").map(({ id }) => id)
  const out = states.filter(({ status }) => status !== "ready")
  const notices = yield* Effect.forEach(instance.extensions(StartNotice).current, ({ module, value }) =>
    Effect.catchCause(value.lines(instance.url), (cause) =>
      Effect.as(Effect.logError(`The start notice of module "${module}" failed.`, cause), [])
    )
  )
  const version = product.version === undefined ? "" : ` ${product.version}`
  return [
    unready === undefined
      ? `${product.name}${version} is ready at ${instance.url} (${Math.round(millis)} ms)`
      : `${product.name}${version} is up at ${instance.url} (${Math.round(millis)} ms). ${unready}`,
    `  modules: ${listOf(ready)}`,
    ...out.map(({ id, reason, status }) => `  ${status}: ${id}${reason === null ? "" : ` (${reason})`}`),
    ...(instance.internalUrl === instance.url ? [] : [`  internal routes: ${instance.internalUrl}`]),
    ...notices.flat()
  ]
})
