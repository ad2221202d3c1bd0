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

/** Keys that secrets are sealed with, each wrapped for each process; empty where there is only one. */
export const sealingTables = Migration.of({
  id: "0113_sealing_keys",
  up: `
    CREATE TABLE auth_sealing_recipients (
      id TEXT PRIMARY KEY,
      x TEXT NOT NULL,
      seen_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE auth_sealing_keys (
      id TEXT NOT NULL,
      recipient TEXT NOT NULL,
      wrapped TEXT NOT NULL,
      PRIMARY KEY (id, recipient)
    ) STRICT, WITHOUT ROWID;
  `
})
