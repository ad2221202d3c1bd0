/** How values travel: encoded to JSON by one side, decoded from JSON by the other. */
import type * as Result from "effect/Result"
import type { PorticoError } from "./Errors.ts"
import type { Json, JsonSchema } from "./Json.ts"

/** What does not fit fails with `INVALID_PARAMS` and `details.issues`. Nothing is asynchronous. */
export interface Codec<in Input, out Output> {
  readonly encode: (value: Input) => Result.Result<Json, PorticoError<"INVALID_PARAMS">>
  readonly decode: (json: unknown) => Result.Result<Output, PorticoError<"INVALID_PARAMS">>
  /** The JSON form. Same as in the contract. */
  readonly schema: JsonSchema
}

/** Any codec. */
export type AnyCodec = Codec<never, unknown>
