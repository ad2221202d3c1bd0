/** One number of a benchmark, and what it must be. */
export interface Line {
  readonly what: string
  readonly measured: string
  readonly budget: string
  readonly ok: boolean
}

/** A number that must stay below `most`. */
export const below = (what: string, value: number, unit: string, most: number): Line => ({
  what,
  measured: `${value.toFixed(unit === "s" ? 1 : 0)} ${unit}`,
  budget: `< ${most} ${unit}`,
  ok: value < most
})

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Prints the numbers. The process fails if one misses its budget. */
export const report = (lines: ReadonlyArray<Line>): void => {
  for (const { budget, measured, ok, what } of lines) {
    if (!ok) process.exitCode = 1
    console.log(`${ok ? "ok    " : "MISSED"}  ${what}\n        ${measured}   (budget ${budget})`)
  }
}
