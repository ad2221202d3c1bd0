import type * as Http from "node:http"
import * as Effect from "effect/Effect"
import { MaxBodySize } from "effect/http/HttpIncomingMessage"
import type { HttpServerError } from "effect/http/HttpServerError"

type Failed = (reason: "Parse" | "BodyTooLarge", cause: unknown) => HttpServerError
type Read = Effect.Effect<Buffer, HttpServerError>

const none = Effect.succeed(Buffer.alloc(0))

/**
 * A body whose length was declared and is small, so that it can be kept: it is read once, and whoever asks again gets
 * the same bytes. Node's parser ends it at the declared length.
 */
export class ShortBody {
  private readonly source: Http.IncomingMessage
  private readonly length: number
  private readonly waiting: Array<(read: Read) => void> = []
  private outcome: Read | undefined

  constructor(source: Http.IncomingMessage, length: number) {
    this.source = source
    this.length = length
    this.outcome = length === 0 ? none : taken(source, length)
  }

  read(failed: Failed): Read {
    return Effect.withFiber((fiber) => {
      const limit = fiber.getRef(MaxBodySize)
      return limit !== undefined && this.length > limit
        ? Effect.fail(failed("BodyTooLarge", undefined))
        : (this.outcome ?? this.arrived(failed))
    })
  }

  private arrived(failed: Failed): Read {
    return Effect.callback((resume) => {
      this.waiting.push(resume)
      if (this.waiting.length === 1) this.collect(failed)
    })
  }

  private collect(failed: Failed): void {
    const { source } = this
    const chunks: Array<Uint8Array> = []
    const settle = (outcome: Read): void => {
      this.outcome = outcome
      for (const resume of this.waiting.splice(0)) resume(outcome)
    }
    source.on("data", (chunk) => chunks.push(chunk))
    source.on("end", () => settle(Effect.succeed(Buffer.concat(chunks))))
    source.on("error", (cause) => settle(Effect.fail(failed("Parse", cause))))
  }
}

/** The body if all of it is there. Nearly always it comes in one piece with the head. */
const taken = (source: Http.IncomingMessage, length: number): Read | undefined => {
  if (source.readableLength < length) return undefined
  // Its `end` is left unread: nobody listens for it, and telling of it costs more than all that is done here.
  const bytes: Buffer | null = source.read()
  return bytes === null ? undefined : Effect.succeed(bytes)
}
