const limitOrLiteral = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bLIMIT\s+(\?\d*)(?!\s*\+)/gi

/**
 * The same statement with `LIMIT ?` as `LIMIT ? + 0`. SQLite's planner looks at the value of a parameter that is a limit by
 * itself, and so prepares the statement anew whenever one is bound, which costs more than reading ten rows. Pure.
 */
export const steadyLimit = (sql: string): string =>
  sql.replace(limitOrLiteral, (found: string, parameter: string | undefined) =>
    parameter === undefined ? found : `LIMIT ${parameter} + 0`
  )
