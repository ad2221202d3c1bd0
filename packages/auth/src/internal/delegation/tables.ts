import { Migration } from "@portico/gate/database"

/** The origin of a domain stands for one key: it is known by its origin, which outlives its node. */
export const pinnedKeys = Migration.of({
  id: "0108_pinned_keys",
  up: `
    ALTER TABLE auth_identity_keys ADD COLUMN origin TEXT;
    CREATE UNIQUE INDEX auth_identity_keys_origin ON auth_identity_keys (origin);
  `
})

/** Credentials that identities have delegated, and the keys that they have registered. */
export const delegationTables = Migration.of({
  id: "0101_delegations",
  up: `
    CREATE TABLE auth_delegations (
      id TEXT PRIMARY KEY,
      root TEXT NOT NULL,
      chain TEXT NOT NULL,
      bounds TEXT NOT NULL,
      audience TEXT NOT NULL,
      jkt TEXT,
      api_key TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_delegations_root ON auth_delegations (root);
    CREATE INDEX auth_delegations_expires_at ON auth_delegations (expires_at);

    CREATE TABLE auth_identity_keys (
      jkt TEXT PRIMARY KEY,
      identity TEXT NOT NULL,
      x TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_identity_keys_identity ON auth_identity_keys (identity);
  `
})
