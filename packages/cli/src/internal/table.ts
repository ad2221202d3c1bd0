/**
 * Rows: aligned with a heading on a terminal, tab-separated without one when piped.
 */
import type { Io } from "../Io.ts"
import { fold, pad, printable, styleFor, width, wrap } from "./text.ts"

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Whether it gives way, on more lines, where a terminal is too narrow for the whole table. */
  readonly wraps?: boolean
}

const gap = 2
// A column that gives way keeps this much.
const narrowest = 10

interface Sized {
  readonly title: string
  readonly wraps: boolean
  readonly natural: number
}

/** The width of each column: what it needs, or for those that give way a share of what is left, narrow ones first. */
const fit = (columns: ReadonlyArray<Sized>, available: number): ReadonlyArray<number> => {
  const giving = columns.filter(({ wraps }) => wraps).toSorted((a, b) => a.natural - b.natural)
  const fixed = columns.filter(({ wraps }) => !wraps).reduce((sum, { natural }) => sum + natural, 0)
  let left = available - fixed - gap * (columns.length - 1)
  const widths = new Map<Sized, number>()
  for (const [index, column] of giving.entries()) {
    const isLast = index === giving.length - 1
    const share = Math.max(narrowest, isLast ? left : Math.floor((left * 3) / 4))
    const given = Math.min(column.natural, share)
    widths.set(column, given)
    left -= given
  }
  return columns.map((column) => widths.get(column) ?? column.natural)
}

const aligned = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  available: number,
  bold: (text: string) => string
): ReadonlyArray<string> => {
  const sized = columns.map(({ title, wraps = false }, index) => ({
    title,
    wraps,
    natural: Math.max(width(title), ...rows.map((row) => width(row[index] ?? "")))
  }))
  const widths = fit(sized, available)
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, index) => (index === cells.length - 1 ? cell : pad(cell, widths[index] ?? 0)))
      .join(" ".repeat(gap))
      .trimEnd()
  const lines = (row: ReadonlyArray<string>): ReadonlyArray<string> => {
    const cells = row.map((cell, index) => (sized[index]?.wraps === true ? fold(cell, widths[index] ?? 0) : [cell]))
    const height = Math.max(...cells.map((parts) => parts.length))
    return Array.from({ length: height }, (_, index) => line(cells.map((parts) => parts[index] ?? "")))
  }
  return [bold(line(columns.map(({ title }) => title))), ...rows.flatMap(lines)]
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
  return `${aligned(columns, cells, io.out.columns, bold).join("\n")}\n`
}

/** Renders `key value` lines: aligned and broken at spaces on a terminal, `key<TAB>value` when piped. */
export const renderFields = (io: Pick<Io, "env" | "out">, fields: ReadonlyArray<readonly [string, string]>): string => {
  const safe = fields.map(([key, value]) => [printable(key), printable(value)] as const)
  if (!io.out.terminal) return safe.map(([key, value]) => `${key}\t${value}\n`).join("")
  const { dim } = styleFor(io, io.out)
  const longest = Math.max(0, ...safe.map(([key]) => width(key)))
  const room = Math.max(narrowest, io.out.columns - longest - gap)
  const indent = " ".repeat(longest + gap)
  return safe
    .map(([key, value]) => `${dim(pad(key, longest))}${" ".repeat(gap)}${wrap(value, room).join(`\n${indent}`)}\n`)
    .join("")
}
