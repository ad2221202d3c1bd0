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
  }),
  Migration.of({
    id: "0003_oauth",
    up: `
      CREATE TABLE auth_clients (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        method TEXT NOT NULL,
        secret BLOB,
        redirects TEXT NOT NULL,
        grants TEXT NOT NULL,
        scope TEXT,
        jwks TEXT,
        jwks_uri TEXT,
        identity TEXT,
        registered_by TEXT,
        created_at INTEGER NOT NULL,
        used_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_clients_unused ON auth_clients (created_at);

      CREATE TABLE auth_grants (
        id TEXT PRIMARY KEY,
        identity TEXT NOT NULL,
        client TEXT NOT NULL,
        scope TEXT NOT NULL,
        jkt TEXT,
        signed_in_at INTEGER,
        created_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        ended_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_grants_identity ON auth_grants (identity);
      CREATE INDEX auth_grants_client ON auth_grants (client);

      CREATE TABLE auth_codes (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL,
        grant_id TEXT NOT NULL,
        redirect TEXT NOT NULL,
        challenge TEXT NOT NULL,
        nonce TEXT,
        expires_at INTEGER NOT NULL,
        used_at INTEGER
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_refresh_tokens (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL,
        grant_id TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        used_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_refresh_tokens_grant ON auth_refresh_tokens (grant_id);

      CREATE TABLE auth_devices (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL,
        user_code TEXT NOT NULL UNIQUE,
        client TEXT NOT NULL,
        scope TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        pause INTEGER NOT NULL,
        polled_at INTEGER NOT NULL,
        grant_id TEXT,
        denied_at INTEGER
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_replays (
        seen TEXT PRIMARY KEY,
        until INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX auth_replays_until ON auth_replays (until);

      CREATE TABLE auth_issuers (
        issuer TEXT PRIMARY KEY,
        jwks_uri TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE auth_subjects (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        identity TEXT NOT NULL,
        PRIMARY KEY (issuer, subject)
      ) STRICT, WITHOUT ROWID;
    `
  }),
  Migration.of({
    id: "0104_audit_through",
    up: `ALTER TABLE auth_audit ADD COLUMN through TEXT;`
  }),
  Migration.of({
    id: "0105_client_secrets",
    up: `
      ALTER TABLE auth_clients ADD COLUMN secret_before BLOB;
      ALTER TABLE auth_clients ADD COLUMN secret_before_until INTEGER;
    `
  })
]
