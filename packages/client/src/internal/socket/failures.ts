import { type ErrorCode, isPorticoError, PorticoError } from "@portico/schema"
import type { RpcClientError } from "effect/rpc/RpcClientError"

/** Anything that a call over the socket may fail with: what the instance said, or that there was no connection. */
export interface CallFailure {
  readonly _tag: string
}

const codeOfClose: Readonly<Record<number, ErrorCode>> = {
  1009: "LIMIT_EXCEEDED",
  4400: "INVALID_BODY",
  4401: "UNAUTHENTICATED",
  4408: "TIMEOUT",
  4429: "LIMIT_EXCEEDED"
}

const isLost = (failure: CallFailure): failure is RpcClientError => failure._tag === "RpcClientError"

const lost = ({ reason }: RpcClientError): PorticoError => {
  if (reason._tag !== "SocketCloseError") return PorticoError.make("UNAVAILABLE", "The socket was lost.")
  const { closeReason = "", code } = reason
  return PorticoError.fromJson({
    code: codeOfClose[code] ?? "UNAVAILABLE",
    message: closeReason === "" ? `The socket was closed (${code}).` : closeReason,
    details: { close: code }
  })
}

/** A failure of a call as an error of the catalogue. */
export const porticoErrorOf = (failure: CallFailure): PorticoError => {
  if (isPorticoError(failure)) return failure
  if (isLost(failure)) return lost(failure)
  return PorticoError.fromJson(failure)
}

/** Whether a subscription may go on after this on another connection, or on the same one a little later. */
export const isInterruption = (failure: CallFailure): boolean => {
  if (isLost(failure)) return porticoErrorOf(failure).code !== "UNAUTHENTICATED"
  if (!("code" in failure)) return false
  const cutForSlowness = "details" in failure && typeof failure.details === "object" && failure.details !== null
  return failure.code === "UNAVAILABLE" || (failure.code === "LIMIT_EXCEEDED" && cutForSlowness)
}
