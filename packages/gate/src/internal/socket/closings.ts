import { SocketFailure } from "../../SocketRpc.ts"

/** Why the server closes a socket: the close code and reason, and what the calls that still ran are told. */
export interface Closing {
  /** RFC 6455, section 7.4; from 4000 on they are ours. */
  readonly code: number
  /** At most 123 bytes. */
  readonly reason: string
  readonly failure: SocketFailure
}

const closing = (code: number, errorCode: string, reason: string): Closing => ({
  code,
  reason,
  failure: SocketFailure.from({ code: errorCode, message: reason })
})

/** Every reason there is. */
export const closings = {
  /** The instance stops, or the client said that nothing more will come. */
  stopping: closing(1001, "UNAVAILABLE", "The server is stopping."),
  binary: closing(1003, "INVALID_BODY", "Only text frames are spoken here."),
  /** A failure that should not have been. */
  broken: closing(1011, "INTERNAL", "Something failed that should not."),
  malformed: closing(4400, "INVALID_BODY", "A frame is not a message of effect/rpc as JSON."),
  twice: closing(4400, "INVALID_BODY", "Two calls that run have one id."),
  unauthenticated: closing(4401, "UNAUTHENTICATED", "The credential does not hold any more."),
  expired: closing(4401, "UNAUTHENTICATED", "The credential has expired."),
  silent: closing(4408, "TIMEOUT", "Nothing was heard for too long."),
  slow: closing(4429, "LIMIT_EXCEEDED", "Too much waited to be read for too long.")
} as const satisfies Record<string, Closing>
