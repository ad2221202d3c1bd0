import { expect, it } from "@effect/vitest"
import { type Waiting, WaitingWrites } from "../../src/internal/WaitingWrites.ts"

interface Write extends Waiting {
  readonly name: string
}

const write = (name: string, rest: Partial<Waiting> = {}): Write => ({ name, cancelled: false, isLong: false, ...rest })
const long = (name: string): Write => write(name, { isLong: true })

const waitingOf = (...writes: ReadonlyArray<Write>): WaitingWrites<Write> => {
  const waiting = new WaitingWrites<Write>()
  for (const each of writes) waiting.add(each)
  return waiting
}
const taken = (waiting: WaitingWrites<Write>) => waiting.take().map(({ name }) => name)

it("short writes share a commit, as many as go into one, and who gave up is passed by", () => {
  const names = Array.from({ length: 300 }, (_, n) => `w${n}`)
  const waiting = waitingOf(write("gone", { cancelled: true }), ...names.map((name) => write(name)))
  expect(taken(waiting)).toEqual(names.slice(0, 256))
  expect(waiting.isEmpty).toBe(false)
  expect(taken(waiting)).toEqual(names.slice(256))
  expect([taken(waiting), waiting.isEmpty]).toEqual([[], true])
})

it("a long write has a commit of its own, behind whoever waits with it, once", () => {
  const waiting = waitingOf(long("first"), write("a"), long("second"), write("b"))
  expect(taken(waiting)).toEqual(["a", "b"])
  waiting.add(write("c"))
  expect(taken(waiting)).toEqual(["first"])
  waiting.add(write("d"))
  expect(taken(waiting)).toEqual(["c", "d"])
  waiting.add(write("e"))
  expect(taken(waiting)).toEqual(["second"])
  expect(taken(waiting)).toEqual(["e"])
})

it("a long write that is alone is not kept waiting", () => {
  const waiting = waitingOf(long("first"))
  expect(taken(waiting)).toEqual(["first"])
  waiting.putBack([long("again")])
  waiting.add(write("gone", { cancelled: true }))
  expect(taken(waiting)).toEqual(["again"])
  expect(waiting.isEmpty).toBe(true)
})

it("what could not be begun goes to the front", () => {
  const waiting = waitingOf(write("a"), write("b"))
  const first = waiting.take()
  waiting.add(write("c"))
  waiting.putBack(first)
  expect(waiting.takeAll().map(({ name }) => name)).toEqual(["a", "b", "c"])
})
