import type { FromServerEncoded, ResponseExitEncoded } from "effect/rpc/RpcMessage"
import { GateError, isHttpFailure } from "../../GateError.ts"
import { SocketFailure } from "../../SocketRpc.ts"
import type { CallId, RunningCall } from "./RunningCall.ts"

type Failure = Extract<ResponseExitEncoded["exit"], { readonly _tag: "Failure" }>

/** An exit with a failure that every call over the socket may have. */
export const failedWith = (id: CallId, failure: SocketFailure): FromServerEncoded => {
  const { code, details, message, requestId } = failure
  const error = { _tag: failure._tag, code, message, details, requestId }
  return { _tag: "Exit", requestId: id, exit: { _tag: "Failure", cause: [{ _tag: "Fail", error }] } }
}

/** What a defect of a handler is told as: itself, if it says so, and else nothing of it. */
export const failureOfDefect = (defect: unknown, requestId: string): SocketFailure =>
  SocketFailure.from({ ...(isHttpFailure(defect) ? pick(defect) : pick(GateError.make("INTERNAL"))), requestId })

const pick = ({ code, details, message }: { code: string; message: string; details?: unknown }) => ({
  code,
  message,
  details
})

const defectIn = ({ cause }: Failure): { readonly defect: unknown } | undefined => {
  for (const reason of cause) if (reason._tag === "Die") return reason
  return undefined
}

const textOf = (defect: unknown): string => (typeof defect === "string" ? defect : "It does not fit the call's schema.")

/** What is wrong with a result that does not fit its schema, in words for the log. */
export const unwritable = (call: RunningCall, { exit }: ResponseExitEncoded): string | undefined => {
  const died = call.entered && !call.isEnding && exit._tag === "Failure" ? defectIn(exit) : undefined
  return died === undefined ? undefined : textOf(died.defect)
}

/**
 * What is sent in place of an exit that effect/rpc made: of a call that was broken off, why; of params that could not be
 * read (a defect before the handler ran), that; of a result that could not be written, nothing but the request id.
 */
export const shapedExit = (call: RunningCall, response: ResponseExitEncoded): FromServerEncoded => {
  const { exit } = response
  if (exit._tag === "Success") return response
  const { failure } = call
  if (failure !== undefined) return failedWith(call.id, failure)
  const died = defectIn(exit)
  if (died === undefined) return response
  const { requestId } = call
  if (call.entered) return failedWith(call.id, failureOfDefect(died.defect, requestId))
  return failedWith(call.id, SocketFailure.from({ code: "INVALID_PARAMS", message: textOf(died.defect), requestId }))
}
