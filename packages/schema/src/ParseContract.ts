/** Reading a contract that somebody else made. */
import type * as Result from "effect/Result"
import type { DomainContract } from "./Contract.ts"
import type { PorticoError } from "./Errors.ts"
import { readContract } from "./internal/contract/readContract.ts"

/**
 * Reads a contract from outside, for example from an install bundle: its shape, its names, its references, that every
 * JSON Schema in it is one that a contract may carry, and that every pattern takes linear time. What is not all of
 * that fails with `INVALID_PARAMS` and `details.issues`. Unknown keys are refused, so that nothing goes unseen.
 */
export const parseContract = (input: unknown): Result.Result<DomainContract, PorticoError<"INVALID_PARAMS">> =>
  readContract(input)
