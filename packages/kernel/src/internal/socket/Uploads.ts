import { randomBytes } from "node:crypto"
import { PorticoError } from "@portico/schema"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** How long a call waits for the next piece of what it reads. */
const patience = "30 seconds"

/** What a call over the socket reads, as it comes. */
export interface Upload {
  /** What its pieces are sent under: 128 random bits. */
  readonly id: string
  /** Fails with TIMEOUT where no piece comes in half a minute. Nothing more is taken once nobody reads on. */
  readonly input: Stream.Stream<Uint8Array, PorticoError>
}

interface Entry {
  readonly owner: string
  readonly pieces: Queue.Queue<Uint8Array, Cause.Done>
}

const tooSlow = PorticoError.make("TIMEOUT", `what was to be read did not go on within ${patience}`)

const over = PorticoError.make("NOT_FOUND", "there is no such upload of yours, or it is over")

/**
 * What calls read that came over the socket. A call of `effect/rpc` is one message, so what it reads is sent in calls
 * beside it, a piece each, and each is answered when there is room for the next: nobody sends faster than is read.
 */
export class Uploads {
  readonly #open = new Map<string, Entry>()

  /** Begins one, for as long as the scope lives: what comes later is refused. */
  begin(owner: string): Effect.Effect<Upload, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.map(Queue.bounded<Uint8Array, Cause.Done>(1), (pieces) => {
        const id = randomBytes(16).toString("base64url")
        this.#open.set(id, { owner, pieces })
        return { id, pieces }
      }),
      (upload) => this.#close(upload)
    ).pipe(
      Effect.map((upload) => ({
        id: upload.id,
        input: Stream.timeoutOrElse(Stream.fromQueue(upload.pieces), {
          duration: patience,
          orElse: () => Stream.fail(tooSlow)
        }).pipe(Stream.ensuring(this.#close(upload)))
      }))
    )
  }

  #close({ id, pieces }: Pick<Upload, "id"> & Pick<Entry, "pieces">): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#open.delete(id)
      return Queue.shutdown(pieces)
    })
  }

  /** Takes the next piece of an upload, or its end. Fails with NOT_FOUND for one that is over, or somebody else's. */
  push(owner: string, id: string, piece: Uint8Array | undefined): Effect.Effect<void, PorticoError> {
    return Effect.suspend(() => {
      const entry = this.#open.get(id)
      if (entry === undefined || entry.owner !== owner) return Effect.fail(over)
      const taken = piece === undefined ? Queue.end(entry.pieces) : Queue.offer(entry.pieces, piece)
      return Effect.flatMap(taken, (isTaken) => (isTaken ? Effect.void : Effect.fail(over)))
    })
  }
}
