import { expect, it } from "@effect/vitest"
import type { SqlValue } from "@portico/gate/database"
import { NotDeterministic, Replay, replayed } from "../../src/postgres/internal/replay.ts"

/** A server that writes down what it is sent, and answers each statement with its own text. */
const recorder = (fail?: string) => {
  const sent: Array<string> = []
  const send = async (sql: string, params: ReadonlyArray<SqlValue> | undefined) => {
    sent.push([sql, ...(params ?? [])].join(" "))
    await Promise.resolve()
    if (sql === fail) throw new Error(`no ${sql}`)
    return { rows: [{ sql, param: params?.[0] ?? null }], changes: sent.length }
  }
  return { sent, send }
}

it("a work is run again for each answer that it looks at, and each statement is sent once", async () => {
  const { send, sent } = recorder()
  const replay = new Replay(send)
  const conn = replayed(() => replay)
  let runs = 0
  const result = await replay.run(() => {
    runs++
    const first = conn.prepare("SELECT a").get(1)?.param
    conn.prepare("UPDATE a").run(2)
    conn.prepare("UPDATE b").run(3)
    return [first, conn.prepare("SELECT a").get(1)?.param]
  })
  expect(result).toEqual([1, 1])
  // The same question after a change is another one.
  expect(sent).toEqual(["SELECT a 1", "UPDATE a 2", "UPDATE b 3", "SELECT a 1"])
  expect(runs).toBe(3)
})

it("only who looks at how many rows a change made waits for it", async () => {
  const { send } = recorder()
  const replay = new Replay(send)
  let runs = 0
  const changes = await replay.run(() => {
    runs++
    replay.statement("DELETE a").run()
    return replay.statement("DELETE b").run().changes
  })
  expect([changes, runs]).toEqual([2, 2])
})

it("a work that lets nothing through gets nothing more, until it ends", async () => {
  const { send, sent } = recorder()
  const replay = new Replay(send)
  const result = await replay.run(() => {
    try {
      replay.statement("SELECT a").get()
    } catch {
      // What nobody should do.
    }
    let after = "none"
    try {
      after = String(replay.statement("SELECT b").get()?.sql)
    } catch {
      after = "thrown"
    }
    return after
  })
  expect(result).toBe("SELECT b")
  expect(sent).toEqual(["SELECT a", "SELECT b"])
})

it("a statement that fails throws where it was used, in the next run", async () => {
  const { send } = recorder("UPDATE a")
  const replay = new Replay(send)
  const failing = replay.run(() => {
    replay.statement("UPDATE a").run()
    return replay.statement("SELECT b").get()
  })
  await expect(failing).rejects.toThrow("no UPDATE a")
  expect(replay.firstFailure()).toMatchObject({ error: new Error("no UPDATE a") })
})

it("a work that asks for another change when it is run again is found out", async () => {
  const { send } = recorder()
  const replay = new Replay(send)
  let drawn = 0
  const drawing = replay.run(() => {
    replay.statement("INSERT a").run(++drawn)
    return replay.statement("SELECT b").get()
  })
  await expect(drawing).rejects.toThrow(NotDeterministic)
})
