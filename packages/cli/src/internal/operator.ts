/**
 * The internal routes of an instance, which are for its operators.
 */
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { ExitCode } from "../ExitCode.ts"
import { CliFailure } from "./failure.ts"
import type { connect } from "./remote.ts"

// A restart waits for requests to end and for modules to stop and start, each with a deadline of its own.
const timeoutMs = 600_000

const refused = (error: PorticoError): PorticoError | CliFailure => {
  if (error.code === "NOT_FOUND") {
    return new CliFailure({
      exit: ExitCode.notFound,
      code: error.code,
      message: "there are no internal routes at this URL",
      next: "If the instance has a listener of its own for them (PORTICO_INTERNAL_LISTEN), name that one with --instance URL",
      cause: error
    })
  }
  if (error.code === "PERMISSION_DENIED") {
    return new CliFailure({
      exit: ExitCode.notPermitted,
      code: error.code,
      message: error.message,
      next: "Give an operator's token with --token-file FILE, or name the instance's data folder with --data DIR",
      cause: error
    })
  }
  return error
}

/** Asks an internal route, by its path below the internal prefix. */
export const askInternal = (
  remote: Effect.Success<typeof connect>,
  method: "GET" | "POST",
  path: string,
  body?: unknown
) =>
  Effect.mapError(
    remote.request(method, `/gateway/v1/internal/${path}`, { timeoutMs, ...(body === undefined ? {} : { body }) }),
    refused
  )
