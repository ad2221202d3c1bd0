/**
 * The tables of the kernel. Rows are keyed by integers, because those make the smallest indexes and the
 * cheapest joins; the UUID that the world sees is one column. A node's place is (parent, slug) and nothing else, so
 * moving a subtree writes one row. `has_parent` and `instance_of` edges are these columns, not rows.
 */
export const metaTable = {
  sqlite: `CREATE TABLE kernel_meta (
     name  TEXT PRIMARY KEY,
     value ANY NOT NULL
   ) STRICT, WITHOUT ROWID`,
  postgres: `CREATE TABLE kernel_meta (
     name  TEXT PRIMARY KEY,
     value INTEGER,
     bytes BLOB
   )`
}

/** See {@link metaTable} for what they are like. */
export const tables: ReadonlyArray<string> = [
  // Root has parent 0. `skeleton` is set where it differs from the slug, which it does for few. `granted` says that
  // a grant was ever made on the node, so that nearly all nodes are known to have none without looking.
  `CREATE TABLE nodes (
     key        INTEGER PRIMARY KEY,
     id         TEXT    NOT NULL UNIQUE,
     parent     INTEGER NOT NULL,
     slug       TEXT    NOT NULL,
     skeleton   TEXT,
     class      INTEGER NOT NULL,
     granted    INTEGER NOT NULL DEFAULT 0,
     rev        INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     props      TEXT    NOT NULL
   ) STRICT`,
  "CREATE UNIQUE INDEX nodes_place ON nodes (parent, slug)",
  "CREATE INDEX nodes_skeleton ON nodes (parent, skeleton) WHERE skeleton IS NOT NULL",
  "CREATE INDEX nodes_class ON nodes (class, parent, slug)",
  // `mask` is set for has_perm only.
  `CREATE TABLE edges (
     key    INTEGER PRIMARY KEY,
     class  INTEGER NOT NULL,
     source INTEGER NOT NULL,
     target INTEGER NOT NULL,
     slug   TEXT    NOT NULL,
     mask   INTEGER,
     rev    INTEGER NOT NULL,
     props  TEXT    NOT NULL
   ) STRICT`,
  "CREATE UNIQUE INDEX edges_out ON edges (source, class, target, slug)",
  "CREATE INDEX edges_in ON edges (target, class, source, slug)",
  "CREATE INDEX edges_grants ON edges (target, source, mask) WHERE mask IS NOT NULL",
  // One row per node and declared list of unique properties: `value` is the canonical JSON of the tuple, or its hash.
  `CREATE TABLE node_uniques (
     class INTEGER NOT NULL,
     list  TEXT    NOT NULL,
     value TEXT    NOT NULL,
     node  INTEGER NOT NULL,
     PRIMARY KEY (class, list, value)
   ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX node_uniques_node ON node_uniques (node)",
  // Who changed what: `half` is which half of the actor's authority allowed it.
  `CREATE TABLE node_changes (
     number INTEGER PRIMARY KEY,
     seq    INTEGER NOT NULL,
     at     INTEGER NOT NULL,
     op     TEXT    NOT NULL,
     node   INTEGER NOT NULL,
     target INTEGER,
     class  INTEGER,
     actor  TEXT,
     via    TEXT,
     half   TEXT    NOT NULL
   ) STRICT`,
  "CREATE INDEX node_changes_node ON node_changes (node, number)",
  `CREATE TABLE installed_domains (
     origin       TEXT PRIMARY KEY,
     node         INTEGER NOT NULL,
     contract_id  TEXT    NOT NULL,
     installed_at INTEGER NOT NULL,
     bundle       TEXT    NOT NULL
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE owned_folders (
     node   INTEGER PRIMARY KEY,
     origin TEXT NOT NULL
   ) STRICT`
]
