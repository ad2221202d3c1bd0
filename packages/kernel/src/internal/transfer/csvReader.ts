import { nearest } from "@portico/gate"
import { PorticoError, type PropContract } from "@portico/schema"
import { CsvError, type Info, type Parser, parse } from "csv-parse"
import type { Op } from "../ops/Op.ts"
import { classToMake } from "../ops/types.ts"
import type { ClassType } from "../schema/types.ts"
import { type Cell, type NodeColumn, nodeColumns, quotedEmpty, readCell } from "./cells.ts"
import { maxLineBytes } from "./limits.ts"
import type { NodeRow, Row, RowPlace } from "./Row.ts"
import type { RowReader } from "./RowReader.ts"

/** Columns that a file may have. */
const maxColumns = 1_000

/** How a file of CSV is to be read. */
export interface CsvOptions {
  readonly delimiter: string
  /** Class of rows that name none. */
  readonly class: string | undefined
}

interface CsvRecord {
  readonly place: RowPlace
  readonly cells: ReadonlyArray<Cell>
}

/** Reads CSV (RFC 4180): a line with the names of columns, and a node a record. */
export const csvReader = (options: CsvOptions): RowReader => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const parser = parse({
    delimiter: options.delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    cast: (value, { quoting }) => (quoting && value === "" ? quotedEmpty : value),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxLineBytes
  })
  // Told of where the failure is looked at.
  parser.on("error", () => {})
  let header: ReadonlyArray<string> | undefined
  let lines = 0
  let bytes = 0

  const decode = (piece: Uint8Array | undefined): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw PorticoError.make("INVALID_BODY", `behind line ${lines}: this is not valid UTF-8`, { line: lines + 1 })
    }
  }

  const taken = (): ReadonlyArray<CsvRecord> => {
    const records: Array<CsvRecord> = []
    // Boundary: with `info` each record comes with where it was, and `cast` gives cells.
    for (let next: unknown = parser.read(); next !== null; next = parser.read()) {
      const { info, record } = next as { readonly info: Info; readonly record: ReadonlyArray<Cell> }
      records.push({ place: { line: lines + 1, bytes: info.bytes - bytes }, cells: record })
      lines = info.lines
      bytes = info.bytes
    }
    if (parser.errored !== null) throw refusalOf(parser.errored, lines)
    return records
  }

  const cut = (records: ReadonlyArray<CsvRecord>) => {
    const rest = header === undefined ? records.slice(1) : records
    header ??= records[0]?.cells.map((cell) => (cell === quotedEmpty ? "" : cell.trim()))
    const names = header
    return (op: Op): ReadonlyArray<Row> => {
      if (names === undefined) return []
      const columns = new Columns(op, names, options.class)
      return rest.map((record) => columns.rowOf(record))
    }
  }

  return {
    push: (piece) => {
      const text = decode(piece)
      if (text !== "") parser.write(text)
      return cut(taken())
    },
    end: async () => {
      const text = decode(undefined)
      if (text !== "") parser.write(text)
      const records = await untilEnded(parser, taken)
      return cut(records)
    }
  }
}

/** Ends a parser, which reads what waits until then, and gives all of it. */
const untilEnded = (parser: Parser, taken: () => ReadonlyArray<CsvRecord>): Promise<ReadonlyArray<CsvRecord>> =>
  new Promise((resolve, reject) => {
    const records: Array<CsvRecord> = []
    const settle = (): void => {
      try {
        resolve([...records, ...taken()])
      } catch (thrown) {
        reject(thrown)
      }
    }
    parser.on("readable", () => {
      if (parser.errored === null) records.push(...taken())
    })
    parser.on("end", settle)
    parser.on("error", settle)
    parser.end()
  })

const refusalOf = (error: Error, lines: number): PorticoError => {
  const line = error instanceof CsvError && typeof error.lines === "number" ? error.lines : lines + 1
  if (error instanceof CsvError && error.code === "CSV_MAX_RECORD_SIZE") {
    return PorticoError.make("LIMIT_EXCEEDED", `line ${line}: a record has at most ${maxLineBytes} characters`, {
      limit: "line",
      max: maxLineBytes,
      line
    })
  }
  return PorticoError.make("INVALID_BODY", `line ${line}: this is not CSV: ${error.message.split("\n")[0]}`, { line })
}

const isNodeColumn = (name: string): name is NodeColumn => nodeColumns.some((known) => known === name)

type Meaning = PropContract | NodeColumn | undefined

/** What the columns of a file mean for nodes of a class. */
class Columns {
  readonly #op: Op
  readonly #names: ReadonlyArray<string>
  readonly #class: string | undefined
  readonly #meanings = new Map<string, ReadonlyArray<Meaning>>()

  constructor(op: Op, names: ReadonlyArray<string>, of: string | undefined) {
    this.#op = op
    this.#names = names
    this.#class = of
    if (names.length > maxColumns) {
      throw PorticoError.make("LIMIT_EXCEEDED", `line 1: a file has at most ${maxColumns} columns`, {
        limit: "columns",
        max: maxColumns,
        line: 1
      })
    }
    const twice = names.find((name, index) => name !== "" && names.indexOf(name) < index)
    if (twice !== undefined) throw unknownColumn(`there are two columns ${JSON.stringify(shown(twice))}`, twice)
    if (!names.includes("class")) {
      if (of === undefined) {
        throw PorticoError.make("INVALID_PARAMS", "class: say of which class the rows are; there is no column class", {
          issues: [{ path: ["class"], code: "required", message: "is required where there is no column class" }]
        })
      }
      const type = classToMake(op, of)
      // Every row is of it, so what it does not know is wrong in all of them.
      for (const [index, meaning] of this.#of(of).entries()) {
        const name = names[index] ?? ""
        if (meaning === undefined && name !== "") throw notOf(type, name)
      }
    }
  }

  rowOf({ cells, place }: CsvRecord): Row {
    const bad = (error: PorticoError, column?: string): Row => ({
      _tag: "Bad",
      ...place,
      error,
      ...(column === undefined ? undefined : { column })
    })
    if (cells.length > this.#names.length) {
      const message = `has ${cells.length} cells, and there are ${this.#names.length} columns`
      return bad(PorticoError.make("INVALID_BODY", message))
    }
    const own = cells[this.#names.indexOf("class")]
    const of = typeof own === "string" && own !== "" ? own : this.#class
    if (of === undefined) return bad(PorticoError.make("INVALID_PARAMS", "class: is required"), "class")
    try {
      return this.#nodeOf(of, cells, place)
    } catch (thrown) {
      if (thrown instanceof BadCell) return bad(thrown.error, thrown.column)
      if (thrown instanceof PorticoError) return bad(thrown, "class")
      throw thrown
    }
  }

  #nodeOf(of: string, cells: ReadonlyArray<Cell>, place: RowPlace): NodeRow {
    const meanings = this.#of(of)
    const given: Partial<Record<NodeColumn, string>> = {}
    const props: Record<string, unknown> = {}
    for (const [index, cell] of cells.entries()) {
      const meaning = meanings[index]
      const name = this.#names[index] ?? ""
      if (cell === "") continue
      if (meaning === undefined) throw new BadCell(name, "no column is called so for this class")
      if (typeof meaning === "string") {
        if (cell !== quotedEmpty) given[meaning] = cell
        continue
      }
      const found = readCell(meaning, cell)
      if ("message" in found) throw new BadCell(name, found.message)
      if (found.value !== undefined) props[meaning.key] = found.value
    }
    const { id, parent, path, slug } = given
    return {
      _tag: "Node",
      ...place,
      class: of,
      props,
      ...(id === undefined ? undefined : { id }),
      ...(path === undefined ? undefined : { path }),
      ...(parent === undefined ? undefined : { parent }),
      ...(slug === undefined ? undefined : { slug })
    }
  }

  #of(of: string): ReadonlyArray<Meaning> {
    const before = this.#meanings.get(of)
    if (before !== undefined) return before
    const { props } = classToMake(this.#op, of)
    const found = this.#names.map((name): Meaning => {
      if (isNodeColumn(name)) return name
      const prop = props.byKey.get(name) ?? props.byName.get(name)
      return prop === "ambiguous" ? undefined : prop
    })
    this.#meanings.set(of, found)
    return found
  }
}

class BadCell extends Error {
  readonly column: string
  readonly error: PorticoError

  constructor(column: string, message: string) {
    super(message)
    this.column = shown(column)
    const issues = [{ path: ["props", this.column], code: "cell", message }]
    this.error = PorticoError.make("INVALID_PARAMS", `${this.column}: ${message}`, { issues })
  }
}

const shown = (name: string): string => name.slice(0, 100)

const unknownColumn = (message: string, column: string): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `line 1: ${message}`, {
    line: 1,
    issues: [{ path: [shown(column)], code: "unknown_column", message }]
  })

const notOf = (type: ClassType, name: string): PorticoError => {
  if (type.props.byName.get(name) === "ambiguous") {
    return unknownColumn(`several interfaces declare ${shown(name)}; qualify it`, name)
  }
  const [meant] = nearest(shown(name), [...type.props.byName.keys(), ...nodeColumns])
  const rather = meant === undefined ? "" : `; did you mean ${meant}?`
  return unknownColumn(`${type.ref} has no property ${JSON.stringify(shown(name))}${rather}`, name)
}
