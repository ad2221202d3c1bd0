import type * as Http from "node:http"

/** An answer whose head is written, and its whole body. */
interface Waiting {
  readonly response: Http.ServerResponse
  readonly body: string | Uint8Array | undefined
}

/** Answers that wait at most: the first of them should not wait for many more to be made. */
const most = 32

/**
 * Sends answers together: those that are ready once the event loop has read what its sockets held. Much of what a write
 * costs is to wake who waits for it. A proxy on the same machine that is woken by each answer falls asleep again before
 * the next is made; woken for all of them it stays awake. A lone answer leaves within the same turn of the loop.
 */
export class Outbox {
  private waiting: Array<Waiting> = []
  private readonly onDefect: (response: Http.ServerResponse, defect: unknown) => void

  /** `onDefect` is told what Node finds wrong with an answer, such as a body that is not as long as its head says. */
  constructor(onDefect: (response: Http.ServerResponse, defect: unknown) => void) {
    this.onDefect = onDefect
  }

  end(response: Http.ServerResponse, body?: string | Uint8Array): void {
    const count = this.waiting.push({ response, body })
    if (count === 1) setImmediate(() => this.flush())
    else if (count === most) this.flush()
  }

  /** Sends what waits. */
  flush(): void {
    const { waiting } = this
    this.waiting = []
    for (const { body, response } of waiting) {
      // Nobody is there to read it any more.
      if (response.destroyed) continue
      try {
        if (body === undefined) response.end()
        // Text goes out in one piece with the head.
        else response.end(body)
      } catch (defect) {
        this.onDefect(response, defect)
      }
    }
  }
}
