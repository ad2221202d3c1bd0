import type * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { Signals } from "../../contracts/Observability.ts"

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]
type LogLine = Logger.Options<unknown>

/** Spans and lines that are kept of a start, each; what goes beyond is lost to whoever observes. */
const most = 10_000

/** A span that only takes note of what becomes of it, until it is handed over. From then on it is the other's. */
class KeptSpan extends Tracer.NativeSpan {
  override sampled: boolean
  #real: Tracer.Span | undefined

  constructor(options: SpanOptions) {
    super(options)
    this.sampled = options.sampled
  }

  /** Makes the span anew with `tracer`, with its past, and takes over its ids. Its parent must be handed over already. */
  handOver(tracer: Tracer.Tracer): void {
    const { annotations, kind, links, name, parent, startTime, status } = this
    // Whether a trace is sampled is for the one who observes to say, at its first span.
    const sampled = this.sampled && (Option.isNone(parent) || parent.value.sampled)
    const real = tracer.span({
      name,
      parent,
      annotations,
      links,
      startTime,
      kind,
      root: Option.isNone(parent),
      sampled
    })
    for (const [key, value] of this.attributes) real.attribute(key, value)
    for (const [event, time, attributes] of this.events) real.event(event, time, attributes)
    if (status._tag === "Ended") real.end(status.endTime, status.exit)
    this._traceId = real.traceId
    this._spanId = real.spanId
    this.sampled = real.sampled
    this.#real = real
  }

  override end(...args: Parameters<Tracer.Span["end"]>): void {
    super.end(...args)
    this.#real?.end(...args)
  }
  override attribute(...args: Parameters<Tracer.Span["attribute"]>): void {
    super.attribute(...args)
    this.#real?.attribute(...args)
  }
  override event(...args: Parameters<Tracer.Span["event"]>): void {
    super.event(...args)
    this.#real?.event(...args)
  }
  override addLinks(...args: Parameters<Tracer.Span["addLinks"]>): void {
    super.addLinks(...args)
    this.#real?.addLinks(...args)
  }
}

/** The fiber as it is now to a logger that reads it later: with the annotations and the span that it has now. */
const asItIs = (fiber: LogLine["fiber"]): LogLine["fiber"] => {
  const { cache, context }: Fiber.Fiber<unknown, unknown> = fiber
  return Object.create(fiber, { cache: { value: cache }, context: { value: context } })
}

/**
 * Signals of the time in which a product starts. Whoever observes it is a module that starts itself, so spans and log
 * lines are kept until everything is up, and handed over then, with the times that they had.
 */
export class StartSignals implements Signals {
  readonly #spans: Array<KeptSpan> = []
  readonly #lines: Array<LogLine> = []

  readonly tracer = Tracer.make({
    span: (options) => {
      const span = new KeptSpan(options)
      if (this.#spans.length < most) this.#spans.push(span)
      return span
    }
  })

  readonly logger = Logger.make<unknown, void>((line) => {
    if (this.#lines.length < most) this.#lines.push({ ...line, fiber: asItIs(line.fiber) })
  })

  /** The port is not bound yet, so there is none. */
  readonly request = (): void => {}

  /** To be called once; without an observer all of it is forgotten. */
  handOver(to: Signals | undefined): void {
    const spans = this.#spans.splice(0)
    const lines = this.#lines.splice(0)
    if (to === undefined) return
    // Parents were made before their children. Lines name spans, by the ids that these have from then on.
    for (const span of spans) span.handOver(to.tracer)
    for (const line of lines) to.logger.log(line)
  }
}
