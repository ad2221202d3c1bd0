import { step } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import type { CallRequest } from "../../Kernel.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { type Applied, applyRow, type RowPolicy } from "./applyRow.ts"
import type { GraphRow } from "./Row.ts"

/** A row that was refused. */
export interface Refused {
  readonly row: GraphRow
  readonly error: PorticoError
}

/** What became of the rows of a transaction. */
export interface Made {
  readonly applied: ReadonlyArray<Applied>
  readonly refused: ReadonlyArray<Refused>
}

/** A transaction that rows are made in. What has to hold at its end is put into `atEnd`. */
export interface RowTx {
  readonly tx: Tx
  readonly change: (request: CallRequest, atEnd: Array<() => void>) => unknown
}

/** How a transaction is made. */
export interface TransactionOptions extends RowPolicy {
  /** Whether a row that is refused ends it, or is left out. */
  readonly onError: "stop" | "skip"
  readonly dryRun: boolean
}

/** Thrown at the end of a transaction that only was to be tried: what it would have come to. */
export class Tried extends Error {
  readonly made: Made

  constructor(made: Made) {
    super("This transaction was only tried.")
    this.made = made
  }
}

/** Thrown where rows were refused only at the end of their transaction, which has to be made again without them. */
export class WithoutThese extends Error {
  readonly refused: ReadonlyArray<Refused>

  constructor(refused: ReadonlyArray<Refused>) {
    super("This transaction is to be made again without some of its rows.")
    this.refused = refused
  }
}

/** Thrown where a row is refused and nothing may be left out. */
export class RowRefused extends Error {
  readonly refused: Refused

  constructor(refused: Refused) {
    super(refused.error.message)
    this.refused = refused
  }
}

interface Ending {
  readonly row: GraphRow
  readonly check: () => void
}

/** Makes rows one after the other, and looks at the end whether all holds that has to. */
export function* makeRows(
  { change, tx }: RowTx,
  rows: ReadonlyArray<GraphRow>,
  options: TransactionOptions
): Parts<Made> {
  const { dryRun, onError } = options
  const applied: Array<Applied> = []
  const refused: Array<Refused> = []
  const endings: Array<Ending> = []
  for (const row of rows) {
    const atEnd: Array<() => void> = []
    const apply = (): Applied => {
      atEnd.length = 0
      return applyRow(tx, row, options, (request) => change(request, atEnd))
    }
    try {
      applied.push(yield* step(() => (onError === "skip" ? tx.part(apply) : apply())))
      endings.push(...atEnd.map((check) => ({ row, check })))
    } catch (thrown) {
      if (!(thrown instanceof PorticoError)) throw thrown
      if (onError === "stop") throw new RowRefused({ row, error: thrown })
      refused.push({ row, error: thrown })
    }
  }
  yield* ended(endings, onError)
  if (dryRun) throw new Tried({ applied, refused })
  return { applied, refused }
}

function* ended(endings: ReadonlyArray<Ending>, onError: "stop" | "skip"): Parts<void> {
  const late: Array<Refused> = []
  for (const { check, row } of endings) {
    try {
      yield* step(check)
    } catch (thrown) {
      if (!(thrown instanceof PorticoError)) throw thrown
      if (onError === "stop") throw new RowRefused({ row, error: thrown })
      late.push({ row, error: thrown })
    }
  }
  if (late.length > 0) throw new WithoutThese(late)
}
