import { Migration } from "@portico/gate/database"

/** Who signs in with which provider, and who is invited to. */
export const providerTables = Migration.of({
  id: "0103_providers",
  up: `
    CREATE TABLE auth_links (
      id TEXT PRIMARY KEY,
      issuer TEXT NOT NULL,
      subject TEXT NOT NULL,
      identity TEXT NOT NULL,
      provider TEXT NOT NULL,
      name TEXT,
      email TEXT,
      made INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      used_at INTEGER,
      UNIQUE (issuer, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_links_identity ON auth_links (identity);

    CREATE TABLE auth_link_members (
      link TEXT NOT NULL,
      group_id TEXT NOT NULL,
      PRIMARY KEY (link, group_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE auth_link_sessions (
      session TEXT PRIMARY KEY,
      link TEXT NOT NULL,
      sid TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_link_sessions_link ON auth_link_sessions (link);

    CREATE TABLE auth_invitations (
      id TEXT PRIMARY KEY,
      hash BLOB NOT NULL,
      identity TEXT NOT NULL,
      provider TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      used_at INTEGER
    ) STRICT, WITHOUT ROWID;
  `
})
