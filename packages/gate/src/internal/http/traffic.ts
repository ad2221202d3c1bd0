import type * as Fiber from "effect/Fiber"

/** Upper bounds of the duration histogram, in milliseconds. */
export const durationBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

/** Requests that run, and who waits for them to end. */
class InFlight {
  inFlight = 0
  private readonly waiting: Array<() => void> = []

  protected ended(): void {
    this.inFlight--
    if (this.inFlight === 0 && this.waiting.length > 0) for (const resume of this.waiting.splice(0)) resume()
  }

  /** Calls back once nothing is in flight; the result takes the wait back. */
  onIdle(resume: () => void): () => void {
    if (this.inFlight === 0) resume()
    else this.waiting.push(resume)
    return () => {
      const index = this.waiting.indexOf(resume)
      if (index !== -1) this.waiting.splice(index, 1)
    }
  }
}

/** The requests of the whole instance. */
export class Traffic extends InFlight {
  /** Set when the instance stops: answers then ask the client to close the connection. */
  closing = false

  enter(): void {
    this.inFlight++
  }

  leave(): void {
    this.ended()
  }
}

type RequestFiber = Fiber.Fiber<unknown, unknown>

/** The requests of one endpoint, and what was answered. Plain counters, because every request touches them. */
export class EndpointTraffic extends InFlight {
  /** Answers by status class: index 2 counts 2xx, and so on. */
  readonly byClass = [0, 0, 0, 0, 0, 0]
  /** Answers no slower than the bound of the same index; the last one counts the rest. */
  readonly buckets = durationBounds.map(() => 0).concat(0)
  totalMillis = 0
  private readonly running = new Set<RequestFiber>()

  enter(fiber: RequestFiber): void {
    this.inFlight++
    this.running.add(fiber)
  }

  leave(fiber: RequestFiber, status: number, millis: number): void {
    this.running.delete(fiber)
    this.count(status, millis)
    this.ended()
  }

  /** Interrupts what still runs. */
  cut(): void {
    for (const fiber of this.running) fiber.interruptUnsafe()
  }

  private count(status: number, millis: number): void {
    const index = Math.floor(status / 100)
    this.byClass[index] = (this.byClass[index] ?? 0) + 1
    this.totalMillis += millis
    let bucket = 0
    for (const bound of durationBounds) {
      if (millis <= bound) break
      bucket++
    }
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
  }
}
