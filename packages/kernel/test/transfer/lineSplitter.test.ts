import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { LineSplitter } from "../../src/internal/transfer/LineSplitter.ts"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const textsOf = (splitter: LineSplitter, pieces: ReadonlyArray<Uint8Array>) =>
  [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()].map((line) => [
    line.line,
    "text" in line ? line.text : line.problem.code
  ])

const Lines = Schema.Array(Schema.String.check(Schema.isMaxLength(20)))
const Sizes = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 })))

const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

describe("LineSplitter", () => {
  it.prop("gives the same lines wherever the bytes are cut", [Lines, Sizes], ([lines, sizes]) => {
    const file = lines.join("\n")
    const wanted = file
      .split("\n")
      .map((line, index) => [index + 1, index === 0 ? line.replace(/^\u{feff}/u, "") : line] as const)
      .filter(([, line]) => line.trim() !== "")
    expect(textsOf(new LineSplitter(), cut(Buffer.from(file.toWellFormed()), sizes))).toEqual(
      wanted.map(([index, line]) => [index, line.toWellFormed()])
    )
  })

  it("lets go of a line that is too long, and goes on behind it", async () => {
    const splitter = new LineSplitter()
    const push = () => {
      const first = new Uint8Array(600_000).fill(0x61)
      splitter.push(first)
      splitter.push(new Uint8Array(600_000).fill(0x61))
      return new WeakRef(first)
    }
    const held = push()
    // A weak reference holds what it refers to until the turn is over.
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(held.deref()).toBeUndefined()
    expect(textsOf(splitter, [Buffer.from("aaa\nnext\n")])).toEqual([
      [1, "LIMIT_EXCEEDED"],
      [2, "next"]
    ])
  })
})
