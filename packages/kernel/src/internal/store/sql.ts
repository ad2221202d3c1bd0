import type { DatabaseService } from "@portico/gate/database"

/** What the two databases say differently. All other statements are the same text on both. */
export interface Sql {
  readonly dialect: DatabaseService["dialect"]
  /** The numbers of a JSON list, for `key IN ${sql.numbers("?")}`. The parameter is the list's text. */
  readonly numbers: (param: "?" | `?${number}`) => string
  /** The texts of a JSON list, likewise. */
  readonly texts: (param: "?" | `?${number}`) => string
  /** The pairs of a JSON list of `[key, text]`, as rows with these two columns. */
  readonly pairs: (param: "?" | `?${number}`) => string
  /** The column of `kernel_meta` that holds bytes. */
  readonly bytesOfMeta: "value" | "bytes"
  /** `LIMIT` inside of a recursive query, where PostgreSQL takes none: there the outer one ends it as well. */
  readonly recursiveLimit: (param: `?${number}`) => string
}

const sqlite: Sql = {
  dialect: "sqlite",
  numbers: (param) => `(SELECT value FROM json_each(${param}))`,
  texts: (param) => `(SELECT value FROM json_each(${param}))`,
  pairs: (param) => `(SELECT value ->> 0 AS key, value ->> 1 AS text FROM json_each(${param}))`,
  bytesOfMeta: "value",
  recursiveLimit: (param) => `LIMIT ${param}`
}

const postgres: Sql = {
  dialect: "postgres",
  numbers: (param) => `(SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST(${param} AS JSONB)) AS list)`,
  texts: (param) => `(SELECT value COLLATE "C" FROM jsonb_array_elements_text(CAST(${param} AS JSONB)) AS list)`,
  pairs: (param) =>
    `(SELECT CAST(value ->> 0 AS BIGINT) AS key, value ->> 1 AS text FROM jsonb_array_elements(CAST(${param} AS JSONB)) AS list)`,
  bytesOfMeta: "bytes",
  recursiveLimit: () => ""
}

const all = { sqlite, postgres }

export const sqlOf = (dialect: DatabaseService["dialect"]): Sql => all[dialect]
