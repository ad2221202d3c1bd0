import { expect, it } from "@effect/vitest"
import { type Steps, type SyncConnection, step } from "@portico/gate/database"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Replay, replayed } from "../../src/postgres/internal/replay.ts"
import { WriteRequest } from "../../src/postgres/internal/writeRequest.ts"

/** A server that answers when it is told to. */
const makeServer = () => {
  let sent = 0
  let isAnswering = false
  const unanswered: Array<() => void> = []
  const answerAll = (): void => {
    for (const answer of unanswered.splice(0)) answer()
  }
  let current: Replay | undefined
  return {
    sent: () => sent,
    startAnswering: () => {
      isAnswering = true
      answerAll()
    },
    transaction: {
      conn: replayed(() => {
        if (current === undefined) throw new Error("no step is under way")
        return current
      }),
      send: () => {
        sent++
        return new Promise<{ readonly rows: []; readonly changes: number }>((resolve) => {
          unanswered.push(() => resolve({ rows: [], changes: 1 }))
          if (isAnswering) answerAll()
        })
      },
      use: (replay: Replay) => {
        current = replay
      }
    }
  }
}

const requested = (work: (tx: SyncConnection) => Steps<number>) => {
  const exits: Array<Exit.Exit<number, unknown>> = []
  const request = new WriteRequest(work, true, Context.empty(), (exit) => void exits.push(exit))
  return { exits, request }
}

/** Lets everything happen that needs no more than turns of the event loop. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

it("steps of a long write that wait for no answer let others have the thread", async () => {
  const server = makeServer()
  server.startAnswering()
  let isOthersTurn = false
  let steps = 0
  const { request } = requested(function* (tx) {
    for (; !isOthersTurn && steps < 200_000; steps++) yield* step(() => tx.prepare("UPDATE a").run())
    return Effect.succeed(steps)
  })
  setImmediate(() => {
    isOthersTurn = true
  })
  expect(await request.perform(server.transaction)).toBe(true)
  expect(steps).toBeLessThan(200_000)
})

it("a long write sends no more than so many steps before the first of them are answered", async () => {
  const server = makeServer()
  const { exits, request } = requested(function* (tx) {
    for (let n = 0; n < 1_000; n++) yield* step(() => tx.prepare("UPDATE a").run(n))
    return Effect.succeed(1_000)
  })
  const performed = request.perform(server.transaction)
  await turns()
  expect(server.sent()).toBeLessThanOrEqual(64)
  server.startAnswering()
  expect(await performed).toBe(true)
  expect(server.sent()).toBe(1_000)
  request.settle(undefined)
  expect(exits).toEqual([Exit.succeed(1_000)])
})
