import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StateBoard } from "./StateBoard.ts"

/** Milliseconds of silence before a slow start is spoken of, and between two lines. */
const patience = 3_000
const interval = 2_000

/** What is still starting, for example `database, 4 s; kernel (waiting for database), 4 s`; `undefined` if nothing is. */
export const stillStarting = (board: StateBoard, now: number): string | undefined => {
  const parts = board
    .all()
    .filter(({ status }) => status === "planned" || status === "starting")
    .map(({ id, since, waitingOn }) => {
      const waiting = waitingOn.length === 0 ? "" : ` (waiting for ${waitingOn.join(", ")})`
      return `${id}${waiting}, ${Math.round((now - since) / 1_000)} s`
    })
  return parts.length === 0 ? undefined : parts.join("; ")
}

/** Says every now and then what a slow start is busy with. Runs until it is interrupted. */
export const startProgress = Effect.fnUntraced(function* (board: StateBoard) {
  yield* Effect.sleep(patience)
  while (true) {
    const line = stillStarting(board, yield* Clock.currentTimeMillis)
    if (line !== undefined) yield* Effect.logInfo(`still starting: ${line}`)
    yield* Effect.sleep(interval)
  }
})
