import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { makeBatchWriter } from "../../src/sqlite/internal/batchWriter.ts"
import type { PendingWrite } from "../../src/sqlite/internal/writeRequest.ts"

const request: PendingWrite = { cancelled: false, refusal: undefined, run: () => true, settle: () => {} }
const requests = Array.from({ length: 64 }, () => request)

/** A writer to whom it is each of these times in turn, in milliseconds: as a batch begins, after each request, before and after the commit. */
const writerAt = (...times: ReadonlyArray<number>) => {
  const left = [...times]
  return makeBatchWriter(new DatabaseSync(":memory:"), () => left.shift() ?? Number.POSITIVE_INFINITY)
}

describe("a batch of writes", () => {
  it("ends after a millisecond, so that readers get a turn, and leaves the others to the next", () => {
    const { commit } = writerAt(0, 0.4, 0.8, 1.2, 1.2, 1.3, 2, 2.4, 3)
    expect(commit(requests)).toMatchObject({ _tag: "Ended", count: 3, refusal: undefined })
    expect(commit(requests)).toMatchObject({ _tag: "Ended", count: 2, refusal: undefined })
  })

  it("goes on for as long as the last commit took, so that many share one where commits are slow", () => {
    const { commit } = writerAt(0, 1, 1, 4, 10, 11, 12, 13)
    expect(commit(requests)).toMatchObject({ count: 1 })
    expect(commit(requests)).toMatchObject({ count: 3 })
  })
})
