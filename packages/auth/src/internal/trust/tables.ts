import { Migration } from "@portico/gate/database"

/** Nonces that were used, and who has come in by an enrolment credential. */
export const trustTables = Migration.of({
  id: "0102_trust",
  up: `
    CREATE TABLE auth_nonces (
      nonce TEXT PRIMARY KEY,
      expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_nonces_expires_at ON auth_nonces (expires_at);

    CREATE TABLE auth_enrolled (
      path TEXT PRIMARY KEY,
      identity TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `
})
