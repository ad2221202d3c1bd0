import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Kernel } from "../../src/index.ts"
import type { Call, Said } from "./ask.ts"
import { Disagreement } from "./compare.ts"
import { callOf } from "./requests.ts"

/** What is changed by a call, and can be asked for once. */
export const isOnce = ({ caller: { halves }, request: { op } }: Call): boolean =>
  writes.has(op) && (halves === "everything" || halves.some(({ identities }) => identities.length > 0))

const writes: ReadonlySet<string> = new Set([
  "createNode",
  "update",
  "delete",
  "move",
  "link",
  "unlink",
  "updateLink",
  "mutate",
  "restore",
  "grantPerm",
  "revokePerm",
  "addMember",
  "removeMember"
])

const takes: ReadonlySet<string> = new Set(["delete", "move", "mutate", "restore", "revokePerm", "removeMember"])
const lost: ReadonlySet<string> = new Set(["NOT_FOUND", "PERMISSION_DENIED"])

const text = (value: unknown): string => JSON.stringify(value)

/** Makes a call that was made with a key again: it comes to the same, and another one by that key is refused. */
export const askAgain = Effect.fnUntraced(function* (
  call: Call,
  key: string,
  said: Said,
  lines: ReadonlyArray<string>
) {
  const kernel = yield* Kernel
  const { params, path } = callOf(call.request)
  const again = yield* Effect.result(kernel.call(call.caller.as, { path, params, idempotencyKey: key }))
  const [ours, theirs] = Result.isSuccess(again)
    ? [text([said.result, said.seq]), text([again.success.result, again.success.seq])]
    : [said.refused?.code, again.failure.code]
  // It may have taken from the caller what it asks for.
  const isLost = call.caller.halves !== "everything" && takes.has(call.request.op) && lost.has(theirs ?? "")
  if (ours !== theirs && !isLost)
    throw new Disagreement(`asked again with the same key: ${theirs}, and before ${ours}`, lines)
  if (said.refused !== undefined) return
  const body = { ...Object(params), other: true }
  const other = yield* Effect.result(kernel.call(call.caller.as, { path, params: body, idempotencyKey: key }))
  if (Result.isFailure(other) && other.failure.code === "IDEMPOTENCY_MISMATCH") return
  throw new Disagreement(`another call with the same key is not refused: ${text(other)}`, lines)
})
