/**
 * Answers to calls with an idempotency key. `scope` is a hash of caller and key, `body` one of the call, `checks` the
 * permissions that the call asked for. While it runs there is no answer, and nobody else makes it before `until`.
 */
export const keptTables: ReadonlyArray<string> = [
  `CREATE TABLE kept_answers (
     scope  TEXT PRIMARY KEY,
     body   TEXT    NOT NULL,
     at     INTEGER NOT NULL,
     until  INTEGER,
     checks TEXT    NOT NULL,
     answer TEXT
   ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX kept_answers_age ON kept_answers (at)"
]
