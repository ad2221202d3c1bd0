import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Tracer from "effect/Tracer"

/** Why a work that must not await failed, if that is what it did: in words that name it. */
export const awaitingDefect = (defect: unknown, name: string, context: Context.Context<never>): Error | undefined => {
  if (!Cause.isAsyncFiberError(defect)) return undefined
  defect.fiber.interruptUnsafe()
  const span = Context.getOrUndefined(context, Tracer.ParentSpan)
  const place = span?._tag === "Span" ? ` in "${span.name}"` : ""
  const who = `${name === "" ? "A function" : `"${name}"`}${place}`
  return new Error(`${who} awaits inside a database write. Its changes were rolled back.`)
}
