import { describe, expect, it } from "@effect/vitest"
import type { SyncConnection } from "@portico/gate/database"
import { noMarks } from "../src/internal/store/CacheView.ts"
import { Draws } from "../src/internal/store/Draws.ts"
import { Tx } from "../src/internal/store/Graph.ts"
import { SharedCaches } from "../src/internal/store/SharedCaches.ts"
import { Uncommitted, WriteView } from "../src/internal/store/SnapshotView.ts"

const unused: SyncConnection = {
  prepare: (sql) => {
    throw new Error(`nothing is asked here: ${sql}`)
  },
  exec: () => {}
}

/** A write on what is remembered of a server, and all that it notes beside the store. */
const makeWrite = () => {
  let ids = 0
  const draws = new Draws(
    () => `id ${ids++}`,
    () => ids++
  )
  const marks = noMarks()
  const view = new WriteView(new SharedCaches(10, { seq: 7, epoch: 3 }), { seq: 7, epoch: 3 }, new Uncommitted(), marks)
  const tools = { ids: draws.ids, nextKey: draws.nextKey, now: () => 0, nextSeq: () => 8, propsBytes: 1_024 }
  const tx = new Tx(unused, view, marks, tools)
  const noted = () => ({
    changed: tx.changed,
    inner: [...tx.inner],
    marks: structuredClone(marks),
    // What it may use of what is remembered.
    nodes: [1, 2].filter((key) => !view.isDirty(key)),
    usable: (["paths", "subjects", "schema"] as const).filter((part) => view[part] !== undefined)
  })
  /** As the store begins a step again. */
  const save = () => {
    const [tidy, rewind] = [tx.save(), draws.save()]
    return () => {
      tidy()
      rewind()
      view.rewind(tx.marks)
    }
  }
  return { noted, save, tx }
}

type Write = ReturnType<typeof makeWrite>

const actions: Readonly<Record<string, (write: Write) => void>> = {
  "counts a commit": ({ tx }) => void tx.seq,
  "changes a node": ({ tx }) => tx.touch(1),
  "changes another node": ({ tx }) => tx.touch(2),
  "moves a node": ({ tx }) => tx.touchTree(),
  "grants something": ({ tx }) => tx.touchPerms(),
  "changes the schema": ({ tx }) => tx.touchSchema(),
  "puts a node into another": ({ tx }) => void tx.inner.add(3),
  "puts a node into a third": ({ tx }) => void tx.inner.add(4)
}
const names = Object.keys(actions)

describe("a step that is begun anew, once an answer has come,", () => {
  it.each(names)("finds the write as it was before the step that %s, whatever came before it", (name) => {
    for (const earlier of [undefined, ...names]) {
      const write = makeWrite()
      if (earlier !== undefined) actions[earlier]?.(write)
      const before = write.noted()
      const again = write.save()
      for (let turn = 0; turn < 2; turn++) {
        actions[name]?.(write)
        again()
        expect([earlier, write.noted()]).toEqual([earlier, before])
      }
    }
  })

  it("draws what it drew before, and the next one goes on behind that", () => {
    const { save, tx } = makeWrite()
    const drawn = () => [tx.ids.next(), tx.nextKey(), tx.ids.next()]
    const before = drawn()
    const again = save()
    const first = drawn()
    again()
    expect(drawn()).toEqual(first)
    expect(new Set([...before, ...first, ...drawn()]).size).toBe(9)
  })

  it("knows nothing of a schema that it read after it had changed it", () => {
    const { save, tx } = makeWrite()
    tx.touchSchema()
    const again = save()
    const read = tx.schema
    expect(tx.schema).toBe(read)
    again()
    expect(tx.schema).not.toBe(read)
  })
})
