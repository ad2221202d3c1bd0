import { Migration } from "@portico/gate/database"

/** The tables of this module. */
export const migrations = [
  Migration.of({
    id: "0001_credentials",
    up: `
      CREATE TABLE auth_api_keys (
        id TEXT PRIMARY KEY,
        identity TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_api_keys_identity ON auth_api_keys (identity);

      CREATE TABLE auth_passwords (
        identity TEXT PRIMARY KEY,
        hash TEXT NOT NULL,
        changed_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_state (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_audit (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        event TEXT NOT NULL,
        identity TEXT,
        actor TEXT,
        address TEXT,
        user_agent TEXT,
        details TEXT
      ) STRICT;
      CREATE INDEX auth_audit_at ON auth_audit (at);
      CREATE INDEX auth_audit_identity ON auth_audit (identity, at);
    `
  }),
  Migration.of({
    id: "0002_sessions",
    up: `
      CREATE TABLE auth_sessions (
        id TEXT PRIMARY KEY,
        identity TEXT NOT NULL,
        hash BLOB NOT NULL,
        method TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        address TEXT,
        user_agent TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_sessions_identity ON auth_sessions (identity);

      CREATE TABLE auth_generations (
        identity TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_ended (
        subject TEXT PRIMARY KEY,
        at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `
  })
]
