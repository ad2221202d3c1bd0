import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import type { RemoteDatabase, Row, SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { vi } from "vitest"
import { makeServerStore } from "../src/internal/store/serverStore.ts"

/** A database of which nothing is asked but how far it is, and which others write. */
class Others {
  seq = 1
  asked = 0
  readonly #told: Array<() => void> = []

  /** Somebody commits, and it is told of or not. */
  commit(isTold: boolean): void {
    this.seq++
    if (isTold) this.tell()
  }

  tell(): void {
    for (const told of this.#told) told()
  }

  readonly #rows = (): ReadonlyArray<Row> => {
    this.asked++
    return [{ seq: this.seq, epoch: null }]
  }

  get database(): RemoteDatabase {
    const statement = { get: () => this.#rows()[0], all: this.#rows, run: () => ({ changes: 0 }) }
    const conn: SyncConnection = { prepare: () => statement, exec: () => {} }
    const none = Effect.die(new Error("this is not asked for"))
    // Boundary: no module uses it.
    const sql = undefined as unknown as RemoteDatabase["sql"]
    return {
      dialect: "postgres",
      location: "nowhere",
      sql,
      read: (work) => Effect.sync(() => work(conn)),
      write: () => none,
      snapshot: none,
      tryLock: () => none,
      onCommit: (told) => Effect.sync(() => void this.#told.push(told))
    }
  }
}

const tools = { ids: { next: () => "" }, now: () => 0, propsBytes: 1_024 }

/** Whatever is to be done at once. */
const turns = Effect.gen(function* () {
  for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
})

const second = Effect.andThen(
  Effect.sync(() => void vi.advanceTimersByTime(1_000)),
  turns
)

/** A store, and somebody who begins to wait for what is new. */
const open = Effect.gen(function* () {
  const others = new Others()
  const { pulse, recentSeq } = yield* makeServerStore(others.database, { nodes: 10 }, tools)
  const wait = Effect.suspend(() => Effect.forkChild(pulse.after(pulse.count), { startImmediately: true }))
  others.asked = 0
  return { others, pulse, recentSeq, wait }
})

const isOver = (fiber: Fiber.Fiber<void>) => fiber.pollUnsafe() !== undefined

describe("a store that others write", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
  afterEach(() => void vi.useRealTimers())

  it.effect("is looked at as soon as it is told of a commit that somebody waits for", () =>
    Effect.gen(function* () {
      const { others, recentSeq, wait } = yield* open
      const waiting = yield* wait
      yield* turns
      expect([isOver(waiting), others.asked]).toEqual([false, 0])
      others.commit(true)
      yield* turns
      expect([isOver(waiting), others.asked, recentSeq()]).toEqual([true, 1, 2])
    }).pipe(Effect.scoped)
  )

  it.effect("is looked at each second while somebody waits, since of some commits nobody tells", () =>
    Effect.gen(function* () {
      const { others, wait } = yield* open
      const waiting = yield* wait
      yield* second
      yield* second
      expect([isOver(waiting), others.asked]).toEqual([false, 2])
      // Told of what it knows already: nothing is new, and it goes on.
      others.tell()
      yield* turns
      expect([isOver(waiting), others.asked]).toEqual([false, 3])
      others.commit(false)
      yield* turns
      expect(isOver(waiting)).toBe(false)
      yield* second
      expect([isOver(waiting), others.asked]).toEqual([true, 4])
    }).pipe(Effect.scoped)
  )

  it.effect("is not looked at where nobody waits, and at once by who comes after it was told of a commit", () =>
    Effect.gen(function* () {
      const { others, wait } = yield* open
      others.commit(true)
      yield* second
      expect(others.asked).toBe(0)
      const waiting = yield* wait
      yield* turns
      expect([isOver(waiting), others.asked]).toEqual([true, 1])
      const next = yield* wait
      yield* turns
      expect([isOver(next), others.asked]).toEqual([false, 1])
      yield* Fiber.interrupt(next)
      yield* second
      expect(others.asked).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.effect("is not looked at any more once it is closed", () =>
    Effect.gen(function* () {
      const { others, waiting } = yield* Effect.scoped(
        Effect.gen(function* () {
          const { others, wait } = yield* open
          return { others, waiting: yield* wait }
        })
      )
      yield* second
      expect([isOver(waiting), others.asked]).toEqual([false, 0])
    })
  )
})
