import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Tracer from "effect/Tracer"

/** `tracer`, but of the traces that begin here only the share `ratio` is sampled. Spans within a trace follow it. */
export const sampled = (
  tracer: Tracer.Tracer,
  ratio: number,
  random: (typeof Random.Random)["Service"]
): Tracer.Tracer =>
  ratio >= 1
    ? tracer
    : Tracer.make({
        span: (options) =>
          tracer.span(
            Option.isNone(options.parent) && options.sampled && random.nextDoubleUnsafe() >= ratio
              ? { ...options, sampled: false }
              : options
          )
      })
