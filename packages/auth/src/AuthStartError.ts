import * as Data from "effect/Data"

/** Why the module could not start: what is wrong, and with which file. */
export class AuthStartError extends Data.TaggedError("AuthStartError")<{
  readonly message: string
  readonly cause?: unknown
}> {}
