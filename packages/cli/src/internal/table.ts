/**
 * Rows: aligned with a heading on a terminal, tab-separated without one when piped.
 */
import type { Io } from "../Io.ts"
import { pad, printable, styleFor, width } from "./text.ts"

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

const aligned = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  bold: (text: string) => string
) => {
  const widths = titles.map((title, index) => Math.max(width(title), ...rows.map((row) => width(row[index] ?? ""))))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, index) => (index === cells.length - 1 ? cell : pad(cell, widths[index] ?? 0)))
      .join("  ")
      .trimEnd()
  return [bold(line(titles)), ...rows.map(line)]
}

/**
 * Renders rows for where they go. In a pipe every row is one line whose cells
 * are separated by one tab; a tab or line break inside a cell is escaped.
 */
export const renderTable = <Row>(
  io: Pick<Io, "env" | "out">,
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>
): string => {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))))
  if (!io.out.terminal) return cells.map((row) => `${row.join("\t")}\n`).join("")
  if (cells.length === 0) return ""
  const { bold } = styleFor(io, io.out)
  const titles = columns.map((column) => column.title)
  return `${aligned(titles, cells, bold).join("\n")}\n`
}

/** Renders `key value` lines: aligned on a terminal, `key<TAB>value` when piped. */
export const renderFields = (io: Pick<Io, "env" | "out">, fields: ReadonlyArray<readonly [string, string]>): string => {
  const safe = fields.map(([key, value]) => [printable(key), printable(value)] as const)
  if (!io.out.terminal) return safe.map(([key, value]) => `${key}\t${value}\n`).join("")
  const { dim } = styleFor(io, io.out)
  const longest = Math.max(0, ...safe.map(([key]) => width(key)))
  return safe.map(([key, value]) => `${dim(pad(key, longest))}  ${value}\n`).join("")
}
