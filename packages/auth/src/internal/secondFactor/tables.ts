import { Migration } from "@portico/gate/database"

export const secondFactorTables = Migration.of({
  id: "0112_second_factor",
  up: `
    CREATE TABLE auth_totp (
      identity TEXT PRIMARY KEY,
      secret TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      confirmed_at INTEGER,
      last_step INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE auth_recovery_codes (
      identity TEXT NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (identity, hash)
    ) STRICT, WITHOUT ROWID;
  `
})
