import * as Effect from "effect/Effect"
import { CurrentIo } from "../Io.ts"
import { Quiet } from "./flags.ts"

/** Milliseconds between two signs of progress. */
const every = 200

const mebibyte = 1_048_576

const amount = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`

/** Tells on a terminal how many bytes went by; `done` wipes that away. */
export interface Progress {
  readonly bytes: (count: number) => void
  readonly done: () => void
}

/** Progress of what is called `doing`, out of `total` bytes where that is known. Nothing where nobody looks. */
export const makeProgress = (doing: string, total?: number) =>
  Effect.gen(function* () {
    const { err } = yield* CurrentIo
    const isShown = err.terminal && !(yield* Quiet)
    let sum = 0
    let shown = 0
    const progress: Progress = {
      bytes: (count) => {
        sum += count
        const now = performance.now()
        if (!isShown || now - shown < every) return
        shown = now
        err.write(`\r${doing} ${amount(sum)}${total === undefined ? "" : ` of ${amount(total)}`}\u001b[K`)
      },
      done: () => {
        if (isShown && shown > 0) err.write("\r\u001b[K")
      }
    }
    return progress
  })
