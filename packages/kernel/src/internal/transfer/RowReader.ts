import type { Op } from "../ops/Op.ts"
import { rowOfLine } from "./jsonRow.ts"
import { LineSplitter } from "./LineSplitter.ts"
import type { Row } from "./Row.ts"

/** Rows that were cut out of a file; what they mean is asked of the schema. */
export type Cut = (op: Op) => ReadonlyArray<Row>

/** Reads a file as its bytes come. What it throws is wrong with the file as a whole. */
export interface RowReader {
  readonly push: (bytes: Uint8Array) => Cut
  readonly end: () => Promise<Cut>
}

/** Reads lines of JSON. */
export const jsonReader = (): RowReader => {
  const splitter = new LineSplitter()
  return {
    push: (bytes) => {
      const rows = splitter.push(bytes).map(rowOfLine)
      return () => rows
    },
    end: async () => {
      const rows = splitter.end().map(rowOfLine)
      return () => rows
    }
  }
}
