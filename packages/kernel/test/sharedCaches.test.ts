import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { noMarks } from "../src/internal/store/CacheView.ts"
import type { Epoch, Progress } from "../src/internal/store/epochs.ts"
import { SharedCaches } from "../src/internal/store/SharedCaches.ts"
import { SnapshotView, Uncommitted, WriteView } from "../src/internal/store/SnapshotView.ts"
import { recordOf } from "./support/records.ts"

/** What is in a store at a commit: when each node and each other thing was last changed. */
interface State {
  readonly seq: number
  readonly epoch: number
  readonly nodes: ReadonlyArray<number>
  readonly tree: number
  readonly perms: number
  readonly schema: number
}

const keys = [0, 1]

const Part = Schema.Literals(["tree", "perms", "schema", "node", "nothing"])
const Key = Schema.Literals(keys)
const Which = Schema.Literals([0, 1, 2])
const Touch = Schema.Struct({ part: Part, key: Key, isNamed: Schema.Boolean })
const Turn = Schema.Union([
  // Another process commits, or this one does: what is remembered learns of it by the next look.
  Schema.Struct({ do: Schema.Literal("commit"), touch: Touch }),
  // Somebody asks what is new, and reads once the answer comes, of then or of now.
  Schema.Struct({ do: Schema.Literal("ask") }),
  Schema.Struct({ do: Schema.Literal("answer"), which: Which, isLate: Schema.Boolean, key: Key }),
  // Whoever has a snapshot reads on in it.
  Schema.Struct({ do: Schema.Literal("read"), which: Which, key: Key }),
  // A transaction of one or two writes, that may be undone.
  Schema.Struct({
    do: Schema.Literal("write"),
    touches: Schema.Array(Touch).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
    key: Key,
    isKept: Schema.Boolean
  }),
  // Rows that say what to forget are removed after a while.
  Schema.Struct({ do: Schema.Literal("trim") })
])

const changed = (state: State, { key, part }: typeof Touch.Type, seq: number): State => {
  const next = { ...state, seq, epoch: state.epoch + (part === "nothing" ? 0 : 1) }
  switch (part) {
    case "nothing":
      return next
    case "node":
      return { ...next, nodes: state.nodes.with(key, seq) }
    // An install changes nodes that it does not name.
    case "schema":
      return { ...next, schema: seq, nodes: state.nodes.map(() => seq) }
    // What moves is changed itself.
    case "tree":
      return { ...next, tree: seq, nodes: state.nodes.with(key, seq) }
    case "perms":
      return { ...next, perms: seq }
  }
}

const epochOf = ({ isNamed, key, part }: typeof Touch.Type, { epoch }: State): Epoch => ({
  number: epoch + 1,
  before: epoch,
  keys: part === "node" && !isNamed ? undefined : part === "node" || part === "tree" ? [key] : [],
  tree: part === "tree",
  perms: part === "perms",
  schema: part === "schema"
})

/** A store, and what a process remembers of it. */
class World {
  readonly caches: SharedCaches
  readonly #states: Array<State> = [{ seq: 1, epoch: 0, nodes: keys.map(() => 1), tree: 1, perms: 1, schema: 1 }]
  #epochs: ReadonlyArray<Epoch> = []
  /** Versions that what is handed out was first used with. */
  readonly #schemas = new WeakMap<object, number>()
  readonly #trees = new Map<number, number>()

  constructor(nodes: number) {
    this.caches = new SharedCaches(nodes, { seq: 1, epoch: 0 })
  }

  get now(): State {
    const last = this.#states.at(-1)
    if (last === undefined) throw new Error("a store is at a commit")
    return last
  }

  commit(touch: typeof Touch.Type): void {
    if (touch.part !== "nothing") this.#epochs = [...this.#epochs, epochOf(touch, this.now)]
    this.#states.push(changed(this.now, touch, this.now.seq + 1))
  }

  trim(): void {
    this.#epochs = this.#epochs.slice(-1)
  }

  /** What is new in the store as it is now, for whoever knows of it up to `since`. */
  progress(since: number): Progress {
    return { seq: this.now.seq, epochs: this.#epochs.filter(({ number }) => number > since) }
  }

  /** Learns what an answer says, which may be an old one. */
  learn(progress: Progress): void {
    const { epoch, seq } = this.caches.moment
    this.caches.catchUp(progress)
    expect(this.caches.moment).toEqual({
      seq: Math.max(seq, progress.seq),
      epoch: Math.max(epoch, progress.epochs.at(-1)?.number ?? 0)
    })
  }

  /** Reads as operations do: from memory where it may, and else from the store, which is then remembered. */
  look(view: SnapshotView, at: State, key: number): void {
    const record = view.isDirty(key) ? undefined : view.records.get(key)
    expect(record?.rev ?? at.nodes[key]).toBe(at.nodes[key])
    if (record === undefined && !view.isDirty(key)) view.records.set(key, recordOf(key, at.nodes[key] ?? 0))
    expect(view.paths?.get("/") ?? at.tree).toBe(at.tree)
    view.paths?.set("/", recordOf(at.tree))
    const who = Math.max(at.tree, at.perms)
    expect([...(view.subjects?.get("who")?.closure ?? [who])]).toEqual([who])
    view.subjects?.set("who", { number: 0, closure: new Set([who]), masks: new Map() })
    expect(view.grants?.get(0) ?? [[0, at.perms]]).toEqual([[0, at.perms]])
    view.grants?.set(0, [[0, at.perms]])
    const { schema } = view
    if (schema !== undefined) {
      expect(this.#schemas.get(schema) ?? at.schema).toBe(at.schema)
      this.#schemas.set(schema, at.schema)
    }
    if (view.paths !== undefined) {
      expect(this.#trees.get(view.treeEpoch) ?? at.tree).toBe(at.tree)
      this.#trees.set(view.treeEpoch, at.tree)
    }
  }

  write(touches: ReadonlyArray<typeof Touch.Type>, key: number, isKept: boolean): void {
    const began = this.now
    this.learn(this.progress(this.caches.moment.epoch))
    const before = new Uncommitted()
    let at = began
    for (const touch of touches) {
      const marks = noMarks()
      const view = new WriteView(this.caches, { seq: began.seq, epoch: began.epoch }, before, marks)
      this.look(view, at, key)
      if (touch.part === "node" || touch.part === "tree") view.markNode(marks, touch.key)
      if (touch.part === "tree") view.markTree(marks)
      if (touch.part === "perms") view.markPerms(marks)
      if (touch.part === "schema") view.markSchema(marks)
      at = changed(at, touch, at.seq + 1)
      for (const each of keys) this.look(view, at, each)
      before.add(marks)
    }
    if (isKept) for (const touch of touches) this.commit(touch)
  }
}

describe("what is remembered of a store that others write", () => {
  it.prop(
    "is what a reader would find in its snapshot, whenever that was taken and whatever came since",
    [Schema.Array(Turn).check(Schema.isMinLength(10), Schema.isMaxLength(40)), Schema.Literals([1, 100])],
    ([turns, nodes]) => {
      const world = new World(nodes)
      const asked: Array<{ readonly since: number; readonly at: State; readonly progress: Progress }> = []
      const open: Array<{ readonly view: SnapshotView; readonly at: State }> = []
      for (const turn of turns) {
        if (turn.do === "commit") world.commit(turn.touch)
        else if (turn.do === "trim") world.trim()
        else if (turn.do === "write") world.write(turn.touches, turn.key, turn.isKept)
        else if (turn.do === "ask") {
          const since = world.caches.moment.epoch
          asked.push({ since, at: world.now, progress: world.progress(since) })
        } else if (turn.do === "answer") {
          const [one] = asked.splice(turn.which % Math.max(1, asked.length), 1)
          if (one === undefined) continue
          const { at, progress } = turn.isLate ? { at: world.now, progress: world.progress(one.since) } : one
          world.learn(progress)
          const epoch = progress.epochs.at(-1)?.number ?? one.since
          const view = new SnapshotView(world.caches, { seq: at.seq, epoch })
          world.look(view, at, turn.key)
          open.push({ view, at })
        } else {
          const one = open[open.length - 1 - (turn.which % Math.max(1, open.length))]
          if (one !== undefined) world.look(one.view, one.at, turn.key)
        }
      }
    },
    { arbitrary: { runs: 1_000 } }
  )

  it("is bounded: so many generations, masks, and changes of which it is known when they were", () => {
    const caches = new SharedCaches(1, { seq: 0, epoch: 0 })
    const commit = (number: number, rest: Partial<Epoch>) =>
      caches.catchUp({
        seq: number,
        epochs: [{ number, before: number - 1, keys: [], tree: false, perms: false, schema: false, ...rest }]
      })
    const remembered = () => caches.generationAt(0).subjects.get("ada")
    const subject = { number: 0, closure: new Set<number>(), masks: new Map<number, number>() }
    caches.generationAt(0).subjects.set("ada", subject)
    for (let number = 1; number < 8; number++) commit(number, { perms: true })
    expect(remembered()).toBe(subject)
    for (let masks = 0; masks < 4; masks++) caches.countMask(caches.generationAt(0))
    expect(remembered()).toBe(subject)
    caches.countMask(caches.generationAt(0))
    expect(remembered()).toBeUndefined()
    caches.generationAt(0).subjects.set("ada", subject)
    commit(8, { perms: true })
    expect(remembered()).toBeUndefined()
    commit(9, { keys: Array.from({ length: 20_000 }, (_, key) => key) })
    expect(caches.isUnchangedSince(-1, 8)).toBe(true)
    commit(10, { keys: [20_000] })
    expect(caches.isUnchangedSince(-1, 8)).toBe(false)
  })

  it("has no path of now for who reads what was then, however many generations lie between", () => {
    const caches = new SharedCaches(10, { seq: 0, epoch: 0 })
    const then = caches.generationAt(0).treeEpoch
    for (let number = 1; number <= 9; number++) {
      caches.catchUp({
        seq: number,
        epochs: [{ number, before: number - 1, keys: [], tree: number === 1, perms: true, schema: false }]
      })
    }
    const [late, now] = [caches.generationAt(0).treeEpoch, caches.generationAt(9).treeEpoch]
    expect(new Set([then, late, now]).size).toBe(3)
    caches.catchUp({
      seq: 10,
      epochs: [{ number: 10, before: 9, keys: [], tree: false, perms: true, schema: false }]
    })
    expect(caches.generationAt(10).treeEpoch).toBe(now)
  })
})
