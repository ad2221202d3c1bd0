import { type Issue, type K, PorticoError, type ResultOf } from "@portico/schema"
import type { Applied } from "./applyRow.ts"
import { maxErrors } from "./limits.ts"
import type { Refused } from "./transaction.ts"

export type Imported = ResultOf<typeof K.Node.import>
type RowError = Imported["errors"][number]

const none = { created: 0, updated: 0, skipped: 0 }

/** Where in its row a refusal is about: the key of a property, or of the row itself. */
const columnOf = ({ details }: PorticoError): string | undefined => {
  const issues = Array.isArray(details?.issues) ? (details.issues as ReadonlyArray<Issue>) : []
  const path = issues[0]?.path ?? []
  const at = path[0] === "props" ? path[1] : path[0]
  return typeof at === "string" ? at.slice(0, 200) : undefined
}

/** What an import has come to so far. */
export class Tally {
  readonly #dryRun: boolean
  readonly #errors: Array<RowError> = []
  readonly #counts = { nodes: { ...none }, edges: { ...none } }
  #failed = 0
  rows = 0
  transactions = 0
  /** Line of the last row that is in the store. */
  line = 0
  /** Rows that a dry run tried, where there are more. */
  tried: number | undefined = undefined

  constructor(dryRun: boolean) {
    this.#dryRun = dryRun
  }

  applied(applied: ReadonlyArray<Applied>): void {
    for (const { how, of } of applied) this.#counts[of][how]++
  }

  refused(
    { error, row }: { readonly error: PorticoError; readonly row: { readonly line: number } },
    column = columnOf(error)
  ): void {
    this.#failed++
    if (this.#errors.length >= maxErrors) return
    const { code, message } = error
    this.#errors.push({ line: row.line, code, message, ...(column === undefined ? undefined : { column }) })
  }

  result(): Imported {
    return {
      dryRun: this.#dryRun,
      rows: this.rows,
      nodes: { ...this.#counts.nodes },
      edges: { ...this.#counts.edges },
      failed: this.#failed,
      errors: this.#errors.toSorted((a, b) => a.line - b.line),
      transactions: this.transactions,
      ...(this.tried === undefined ? undefined : { tried: this.tried })
    }
  }

  /** Why an import ended before its file did. It says what was imported before, since that stays. */
  failure(error: PorticoError, place?: { readonly line: number }, column = columnOf(error)): PorticoError {
    const { edges, nodes } = this.result()
    const at = place === undefined ? "" : `line ${place.line}: `
    const rest = this.transactions === 0 ? "nothing was imported" : `lines up to ${this.line} are imported`
    return PorticoError.fromJson({
      code: error.code,
      message: `${at}${error.message} (${rest})`,
      details: {
        ...error.details,
        ...place,
        ...(column === undefined ? undefined : { column }),
        imported: { line: this.line, transactions: this.transactions, nodes, edges }
      }
    })
  }

  /** The same of a row. */
  rowFailure({ error, row }: Refused): PorticoError {
    return this.failure(error, { line: row.line })
  }
}
