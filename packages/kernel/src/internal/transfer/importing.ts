import { isPorticoError, type K, type ParamsOf, PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Op } from "../ops/Op.ts"
import type { Parts, Written } from "../store/GraphStore.ts"
import { formOf } from "./form.ts"
import { transactionBytes, wholeFactor } from "./limits.ts"
import { Rebase } from "./Rebase.ts"
import type { BadRow, GraphRow, Row } from "./Row.ts"
import { type Cut, jsonReader, type RowReader } from "./RowReader.ts"
import { type Imported, Tally } from "./Tally.ts"
import {
  type Made,
  makeRows,
  RowRefused,
  type RowTx,
  type TransactionOptions,
  Tried,
  WithoutThese
} from "./transaction.ts"

type Params = ParamsOf<typeof K.Node.import>

/** What a call needs that reads a file. */
export interface IntakeContext {
  /** The bytes of the file. */
  readonly input: Stream.Stream<Uint8Array, PorticoError>
  readonly inputType: string | undefined
  /** Rows that are made in one transaction. */
  readonly rows: number
  /** Runs work on the last commit, after the call was authorized again there. */
  readonly read: <A>(work: (op: Op) => A) => Effect.Effect<A, PorticoError>
  /** Makes changes in a transaction, after the call was authorized again there. */
  readonly write: <A>(work: (tx: RowTx) => Parts<A>) => Effect.Effect<Written<A>, PorticoError>
}

const formatOf = ({ format }: Params, inputType: string | undefined): "jsonl" | "csv" =>
  format ?? (/^text\/csv\s*(?:;|$)/i.test(inputType ?? "") ? "csv" : "jsonl")

/** The parser of CSV is loaded where there is some. */
const readerOf = (params: Params, inputType: string | undefined): Effect.Effect<RowReader> =>
  formatOf(params, inputType) === "csv"
    ? Effect.map(
        Effect.promise(() => import("./csvReader.ts")),
        ({ csvReader }) => csvReader({ delimiter: params.delimiter ?? ",", class: params.class })
      )
    : Effect.sync(jsonReader)

const cutOff = PorticoError.make("INVALID_BODY", "the file has no end: it was cut off on its way")

/**
 * `Node:import`. Rows are read as they come and made in transactions; no more of the file than one of these is ever in
 * memory, and who sends it is held up meanwhile.
 */
export const importRows = (context: IntakeContext, params: Params): Effect.Effect<Imported, PorticoError> =>
  Effect.gen(function* () {
    const under =
      params.under === undefined
        ? undefined
        : yield* context.read((op) => op.path(op.node(params.under ?? "", READ, "param")))
    const run = new Run(context, params, under)
    const reader = yield* readerOf(params, context.inputType)
    const take = (cut: () => Cut) => Effect.flatMap(attempted(cut), (made) => run.take(made))
    // A file that is there already would be read in one go otherwise.
    yield* Stream.runForEach(context.input, (bytes) =>
      Effect.andThen(
        Effect.yieldNow,
        take(() => reader.push(bytes))
      )
    )
    const last = yield* Effect.tryPromise({ try: () => reader.end(), catch: asRefusal })
    return yield* Effect.andThen(run.take(last), run.end)
  })

const attempted = <A>(run: () => A): Effect.Effect<A, PorticoError> => Effect.try({ try: run, catch: asRefusal })

const asRefusal = (thrown: unknown): PorticoError => {
  if (isPorticoError(thrown)) return thrown
  throw thrown
}

/** Times that a transaction is made again without rows that its end refused, each of which may bring down others. */
const remakes = 8

/** Rows whose form is looked at in one go; others have their turn before the next. */
const lookedAt = 250

/** One import. */
class Run {
  readonly #context: IntakeContext
  readonly #params: Params
  readonly #options: TransactionOptions
  readonly #tally: Tally
  readonly #under: string | undefined
  #rebase: Rebase
  /** Rows that wait for their transaction. */
  #waiting: Array<GraphRow> = []
  #bytes = 0
  /** Rows that a dry run has tried; undefined until then. */
  #tried: number | undefined
  #isFirst = true
  /** Whether the file says that it has an end, and whether it had it. */
  #hasHead = false
  #hasEnd = false

  constructor(context: IntakeContext, params: Params, under: string | undefined) {
    const { by = "path", dryRun = false, onConflict = "fail", onError = "stop" } = params
    this.#context = context
    this.#params = params
    this.#options = { by, onConflict, class: params.class, dryRun, onError: dryRun ? "skip" : onError }
    this.#tally = new Tally(dryRun)
    this.#under = under
    this.#rebase = new Rebase(under, "/")
  }

  /** Takes what was cut out of the file, and makes the transactions that it fills. */
  take(cut: Cut): Effect.Effect<void, PorticoError> {
    const add = (row: Row) => this.#add(row)
    return this.#told(
      Effect.flatMap(
        this.#context.read(cut),
        Effect.fnUntraced(function* (rows: ReadonlyArray<Row>) {
          for (const row of rows) {
            const work = add(row)
            if (work !== undefined) yield* work
          }
        })
      )
    )
  }

  /** The last transaction, and what all came to. */
  get end(): Effect.Effect<Imported, PorticoError> {
    return this.#told(
      Effect.suspend(() => {
        if (this.#hasHead && !this.#hasEnd) return Effect.fail(cutOff)
        return Effect.map(this.#flush(), () => this.#tally.result())
      })
    )
  }

  /** What fails says what was imported before. */
  #told<A>(effect: Effect.Effect<A, PorticoError>): Effect.Effect<A, PorticoError> {
    return Effect.mapError(effect, (error) =>
      error.details?.imported === undefined ? this.#tally.failure(error) : error
    )
  }

  /** Undefined where there is nothing to be done yet. */
  #add(row: Row): Effect.Effect<void, PorticoError> | undefined {
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (this.#hasEnd) return Effect.fail(this.#misplaced(row, "stands behind the end of the file"))
    switch (row._tag) {
      case "Head":
        if (!isFirst) return Effect.fail(this.#misplaced(row, "has to be the first line"))
        this.#hasHead = true
        this.#rebase = new Rebase(this.#under, row.under)
        return undefined
      case "End":
        this.#hasEnd = this.#hasHead
        return this.#hasHead ? undefined : Effect.fail(this.#misplaced(row, "is an end without a beginning"))
      case "Bad":
        this.#tally.rows++
        return this.#refuse(row)
      default:
        this.#tally.rows++
        return this.#wait(row)
    }
  }

  #misplaced(row: Row, message: string): PorticoError {
    return this.#tally.failure(PorticoError.make("INVALID_BODY", `this ${message}`), { line: row.line })
  }

  #refuse(row: BadRow): Effect.Effect<void, PorticoError> | undefined {
    if (this.#options.onError === "stop")
      return Effect.fail(this.#tally.failure(row.error, { line: row.line }, row.column))
    this.#tally.refused({ error: row.error, row }, row.column)
    return undefined
  }

  #wait(row: GraphRow): Effect.Effect<void, PorticoError> | undefined {
    const { dryRun = false, whole = false } = this.#params
    const most = dryRun || whole ? this.#context.rows * wholeFactor : this.#context.rows
    const isFull = this.#waiting.length === most || this.#bytes + row.bytes > transactionBytes
    const keep = () => {
      this.#waiting.push(this.#rebase.of(row))
      this.#bytes += row.bytes
    }
    if (!isFull || this.#waiting.length === 0) {
      keep()
      return undefined
    }
    if (whole) return Effect.fail(tooMany(most))
    return Effect.map(this.#flush(), keep)
  }

  /** Makes what waits. */
  #flush(): Effect.Effect<void, PorticoError> {
    const rows = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    const last = rows[rows.length - 1]
    if (last === undefined) return Effect.void
    const { dryRun } = this.#options
    // Rows behind could name what those before would have made.
    if (this.#tried !== undefined) return this.#lookAt(rows)
    return Effect.map(this.#make(rows, remakes), ({ applied, refused }) => {
      this.#tally.applied(applied)
      for (const each of refused) this.#tally.refused(each)
      if (dryRun) this.#tried = rows.length
      else {
        this.#tally.transactions++
        this.#tally.line = last.line
      }
    })
  }

  #make(rows: ReadonlyArray<GraphRow>, left: number): Effect.Effect<Made, PorticoError> {
    return this.#context
      .write((tx) => makeRows(tx, rows, this.#options))
      .pipe(
        Effect.map(({ result }) => result),
        Effect.catchDefect((thrown): Effect.Effect<Made, PorticoError> => {
          if (thrown instanceof Tried) return Effect.succeed(thrown.made)
          if (thrown instanceof RowRefused) return Effect.fail(this.#tally.rowFailure(thrown.refused))
          if (!(thrown instanceof WithoutThese)) return Effect.die(thrown)
          const [first] = thrown.refused
          if (left === 0 && first !== undefined) return Effect.fail(this.#tally.rowFailure(first))
          const without = new Set(thrown.refused.map(({ row }) => row))
          const kept = rows.filter((row) => !without.has(row))
          return Effect.map(this.#make(kept, left - 1), ({ applied, refused }) => ({
            applied,
            refused: [...refused, ...thrown.refused]
          }))
        })
      )
  }

  /** Looks at the form of rows that are not tried. */
  #lookAt(rows: ReadonlyArray<GraphRow>): Effect.Effect<void, PorticoError> {
    this.#tally.tried = this.#tried
    const look = (some: ReadonlyArray<GraphRow>) =>
      Effect.map(
        this.#context.read((op) => some.map((row) => ({ row, error: formOf(op, row, this.#options) }))),
        (looked) => {
          for (const { error, row } of looked) if (error !== undefined) this.#tally.refused({ error, row })
        }
      )
    const pages = Array.from({ length: Math.ceil(rows.length / lookedAt) }, (_, n) =>
      rows.slice(n * lookedAt, (n + 1) * lookedAt)
    )
    return Effect.forEach(pages, (page) => Effect.andThen(Effect.yieldNow, look(page)), { discard: true })
  }
}

const tooMany = (rows: number): PorticoError =>
  PorticoError.make("LIMIT_EXCEEDED", `what is imported whole has at most ${rows} rows and ${transactionBytes} bytes`, {
    limit: "rows",
    max: rows
  })
