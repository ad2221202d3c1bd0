import { isPorticoError, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"

/** Runs an effect to a promise that rejects with the error itself, and with CANCELLED if it was given up. */
export const run = async <A>(effect: Effect.Effect<A, PorticoError>, signal?: AbortSignal): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect, signal === undefined ? undefined : { signal })
  if (Exit.isSuccess(exit)) return exit.value
  const cause = Cause.squash(exit.cause)
  if (isPorticoError(cause)) throw cause
  if (Cause.hasInterrupts(exit.cause)) throw PorticoError.make("CANCELLED", "The call was given up.")
  throw cause
}

const signalOf = (options: unknown): AbortSignal | undefined =>
  typeof options === "object" && options !== null && "signal" in options && options.signal instanceof AbortSignal
    ? options.signal
    : undefined

type Effects = Readonly<Record<string, (...args: never) => Effect.Effect<unknown, PorticoError>>>

/** The same functions, with Promises. A `signal` in the last argument gives the call up. */
export const toPromises = <P>(effects: { readonly [K in keyof P]: unknown }): P =>
  Object.fromEntries(
    // Boundary: both interfaces are one `GraphApi<Mode>`, so each member differs in how it gives its result only.
    Object.entries(effects as unknown as Effects).map(([name, make]) => [
      name,
      (...args: ReadonlyArray<never>) =>
        run(
          Effect.suspend(() => make(...(args as never))),
          signalOf(args.at(-1))
        )
    ])
  ) as P

type Streams = Readonly<Record<string, (...args: never) => Stream.Stream<unknown, PorticoError>>>

const aborted = (signal: AbortSignal): Effect.Effect<never, PorticoError> =>
  Effect.callback((resume) => {
    const give = () => resume(Effect.fail(PorticoError.make("CANCELLED", "The call was given up.")))
    if (signal.aborted) return give()
    signal.addEventListener("abort", give, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", give))
  })

/** The same functions, with an `AsyncIterable` for each stream. A `signal` in the last argument gives the call up. */
export const iterables = <P>(streams: { readonly [K in keyof P]: unknown }): P =>
  Object.fromEntries(
    // Boundary: as for `toPromises`.
    Object.entries(streams as unknown as Streams).map(([name, make]) => [
      name,
      (...args: ReadonlyArray<never>) => {
        const stream = make(...(args as never))
        const signal = signalOf(args.at(-1))
        return Stream.toAsyncIterable(signal === undefined ? stream : Stream.interruptWhen(stream, aborted(signal)))
      }
    ])
  ) as P
