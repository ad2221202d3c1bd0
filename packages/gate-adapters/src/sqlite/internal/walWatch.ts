import type { DatabaseSync } from "node:sqlite"
import { DatabaseError } from "@portico/gate/database"
import { sizeOf } from "./preflight.ts"
import type { ReadView } from "./readView.ts"

const mebibyte = 1_048_576

/** Commits between two looks at the log's size. */
const lookEvery = 32

/** What a write-ahead log may grow to. */
export interface LogLimits {
  /** Writes are refused beyond this, until the log could be copied back. */
  readonly maxMiB: number
  /** Called with the size in MiB whenever it has doubled from 64. */
  readonly warn: (mebibytes: number) => void
}

/**
 * Bounds the write-ahead log. SQLite copies it back by itself, but cannot do so past the oldest reader: a program that
 * keeps one read transaction open on the file would make it grow without end.
 *
 * Gives a check for each commit: an error refuses that commit, with reason `Full`.
 */
export const makeWalWatch = (
  db: DatabaseSync,
  file: string,
  view: ReadView,
  limits: LogLimits
): (() => DatabaseError | undefined) => {
  const log = `${file}-wal`
  const checkpoint = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
  let commits = 0
  let full = false
  let warnAt = Math.min(64, limits.maxMiB)

  const look = (): void => {
    let size = sizeOf(log) / mebibyte
    if (size > limits.maxMiB) {
      view.renew()
      checkpoint.all()
      size = sizeOf(log) / mebibyte
    }
    full = size > limits.maxMiB
    if (size < warnAt) return
    limits.warn(Math.round(size))
    warnAt *= 2
  }

  return () => {
    if (full || commits++ % lookEvery === 0) look()
    if (!full) return undefined
    const message = `${log} has grown beyond ${limits.maxMiB} MiB because another program keeps reading ${file}. Writes are refused until it ends.`
    return new DatabaseError({ reason: "Full", message })
  }
}
