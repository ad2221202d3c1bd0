import type { RemoteDatabase, Row, Steps, SyncConnection, WriteOptions } from "@portico/gate/database"
import { step } from "@portico/gate/database"
import { isPorticoError, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { noMarks } from "./CacheView.ts"
import { Draws } from "./Draws.ts"
import { insertEpoch, isWorthTelling, presentOf, progressOf, progressRows, progressToWrite } from "./epochs.ts"
import { FromMemory } from "./FromMemory.ts"
import { makeFreshness } from "./freshness.ts"
import { Graph, Tx, type WriteTools } from "./Graph.ts"
import { attempt, type GraphStore, isParts, type Parts, refusal, told, type Written } from "./GraphStore.ts"
import { Pulse } from "./Pulse.ts"
import { SharedCaches } from "./SharedCaches.ts"
import { SnapshotView, Uncommitted, WriteView } from "./SnapshotView.ts"

/**
 * Between two looks for commits of other processes, while somebody waits for them; milliseconds of the real clock. The
 * database tells of commits at once, but not of every one.
 */
const lookEvery = 1_000

/** How far an open transaction has come: where it began, what it has counted and changed since. */
interface Transaction {
  readonly began: { readonly seq: number; readonly epoch: number }
  readonly changed: Uncommitted
  seq: number
  epoch: number
}

/**
 * Opens the graph on a server, whose tables exist. `nodes` is how many nodes are remembered.
 *
 * A read first asks how far the store has come and what was changed on the way; one such question serves all reads that
 * began before it was sent. Then it is answered from memory, if all that it needs is there; otherwise it is run on a
 * snapshot, whose first statement asks the same.
 */
export const makeServerStore = (
  database: RemoteDatabase,
  { nodes }: { readonly nodes: number },
  tools: Pick<WriteTools, "ids" | "now" | "propsBytes">
): Effect.Effect<GraphStore, PorticoError, Scope.Scope> =>
  Effect.gen(function* () {
    const present = yield* Effect.catch(database.read(presentOf), told)
    const caches = new SharedCaches(nodes, present)
    // Whoever waits for commits waits for those of other processes, too.
    const context = yield* Effect.context<never>()
    let timer: NodeJS.Timeout | undefined
    let isTold = false
    const lookNow = (): void => {
      clearTimeout(timer)
      if (!pulse.isAwaited) return
      isTold = false
      Effect.runForkWith(context)(Effect.ignore(fresh)).addObserver(() => {
        if (pulse.isAwaited) lookLater()
      })
    }
    const lookLater = (): void => {
      clearTimeout(timer)
      timer = setTimeout(lookNow, lookEvery)
    }
    const pulse = new Pulse(() => (isTold ? lookNow() : lookLater()))
    yield* Effect.addFinalizer(() => Effect.sync(() => clearTimeout(timer)))
    const transactions = new WeakMap<SyncConnection, Transaction>()
    let lastKey = 0

    const look = Effect.suspend(() => {
      const since = caches.moment.epoch
      return Effect.map(
        database.read((conn) => progressRows(conn, since)),
        (rows) => {
          const { seq } = caches.moment
          caches.catchUp(progressOf(rows))
          if (caches.moment.seq > seq) pulse.beat()
        }
      )
    })
    const fresh = yield* makeFreshness(Effect.catch(look, told))
    yield* database.onCommit(() => {
      isTold = true
      lookNow()
    })

    const onSnapshot = <A>(work: (graph: Graph) => A): Effect.Effect<A, PorticoError> =>
      Effect.suspend(() => {
        const since = caches.moment.epoch
        let runs = 0
        let seen: { readonly rows: ReadonlyArray<Row>; readonly view: SnapshotView } | undefined
        return database.read((conn) => {
          const rows = progressRows(conn, since)
          // Another answer is another snapshot: the first statement is asked again where a second one comes.
          if (seen?.rows !== rows) seen = { rows, view: viewAt(caches, since, rows) }
          const graph = new Graph(conn, seen.view)
          graph.waited = runs++
          return attempt(() => work(graph))
        })
      }).pipe(Effect.catch(told), Effect.flatten)

    const read = <A>(work: (graph: Graph) => A): Effect.Effect<A, PorticoError> =>
      Effect.flatMap(fresh, () => {
        const memory = new FromMemory()
        const outcome = attempt(() => work(new Graph(memory, new SnapshotView(caches, caches.moment))))
        return memory.missed ? onSnapshot(work) : outcome
      })

    const begin = (conn: SyncConnection): Transaction => {
      const known = transactions.get(conn)
      if (known !== undefined) return known
      const progress = progressToWrite(conn, caches.moment.epoch)
      caches.catchUp(progress)
      lastKey = Math.max(lastKey, progress.top)
      const began = { seq: progress.seq, epoch: caches.moment.epoch }
      const transaction = { began, changed: new Uncommitted(), ...began }
      transactions.set(conn, transaction)
      return transaction
    }

    const write = <A>(
      work: (tx: Tx) => A | Parts<A>,
      options?: WriteOptions
    ): Effect.Effect<Written<A>, PorticoError> =>
      Effect.suspend(() => {
        const draws = new Draws(tools.ids.next, () => ++lastKey)
        const rewound = draws.save()
        const now = tools.now()
        let runs = 0

        const open = (conn: SyncConnection, transaction: Transaction): Tx => {
          rewound()
          const marks = noMarks()
          return new Tx(conn, new WriteView(caches, transaction.began, transaction.changed, marks), marks, {
            ids: draws.ids,
            nextKey: draws.nextKey,
            now: () => now,
            propsBytes: tools.propsBytes,
            // Whoever has the lock knows what comes next, and need not wait to be told.
            nextSeq: (conn) => {
              conn.prepare("UPDATE kernel_meta SET value = ? WHERE name = 'seq'").run(transaction.seq + 1)
              return transaction.seq + 1
            }
          })
        }
        const close = (tx: Tx, transaction: Transaction): number => {
          const { marks } = tx
          if (isWorthTelling(marks)) {
            insertEpoch(tx.conn, transaction.epoch + 1, transaction.epoch, marks)
            transaction.changed.add(marks)
            transaction.epoch++
          }
          if (tx.changed) transaction.seq = tx.seq
          return transaction.seq
        }

        return database.write<Written<A>, PorticoError>((conn) => {
          try {
            const transaction = begin(conn)
            const tx = open(conn, transaction)
            tx.waited = runs++
            const outcome = work(tx)
            if (isParts(outcome)) return inSteps(outcome, tx, draws, () => close(tx, transaction))
            return Effect.succeed({ result: outcome, seq: close(tx, transaction) })
          } catch (thrown) {
            return refusal(thrown)
          }
        }, options)
      }).pipe(Effect.catch((error) => (isPorticoError(error) ? Effect.fail(error) : told(error))))

    return {
      read,
      readThen: (work) => Effect.flatMap(read(work), (then) => then),
      write: (work, options) => Effect.tap(write(work, options), () => Effect.sync(() => pulse.beat())),
      pulse,
      seq: Effect.map(fresh, () => caches.moment.seq),
      recentSeq: () => caches.moment.seq
    }
  })

/** Brings the caches to a snapshot, or to what of them held at it, if they are further already. */
const viewAt = (caches: SharedCaches, since: number, rows: ReadonlyArray<Row>): SnapshotView => {
  const progress = progressOf(rows)
  caches.catchUp(progress)
  return new SnapshotView(caches, { seq: progress.seq, epoch: progress.epochs.at(-1)?.number ?? since })
}

/** The parts of a write as steps, each of which finds the objects of the write as the one before left them. */
function* inSteps<A>(parts: Parts<A>, tx: Tx, draws: Draws, close: () => number): Steps<Written<A>, PorticoError> {
  const again = <B>(run: () => B): (() => B) => {
    const [tidy, rewind] = [tx.save(), draws.save()]
    let runs = 0
    return () => {
      tx.waited = runs++
      tidy()
      rewind()
      if (tx.caches instanceof WriteView) tx.caches.rewind(tx.marks)
      return run()
    }
  }
  try {
    let next = parts.next()
    while (next.done !== true) {
      let given: unknown
      try {
        given = yield again(next.value)
      } catch (thrown) {
        next = parts.throw(thrown)
        continue
      }
      next = parts.next(given)
    }
    const result = next.value
    const seq = yield* step(again(close))
    return Effect.succeed({ result, seq })
  } catch (thrown) {
    return refusal(thrown)
  }
}
