/** What nodes are found by, kept in step with them by every write. On SQLite; see `tables.ts` for the nodes themselves. */
export const findTables: ReadonlyArray<string> = [
  // One row per class and list of properties that it declares as an index or as unique. `props` are its keys as JSON,
  // behind the version of the encoding.
  `CREATE TABLE indexed_lists (
     id    INTEGER PRIMARY KEY,
     class INTEGER NOT NULL,
     props TEXT    NOT NULL
   ) STRICT`,
  "CREATE UNIQUE INDEX indexed_lists_props ON indexed_lists (class, props)",
  // One row per node and list: `value` is the tuple, encoded so that its order is that of the values. Read below one
  // parent by the key, and everywhere by the other index.
  `CREATE TABLE node_index (
     list   INTEGER NOT NULL,
     parent INTEGER NOT NULL,
     value  TEXT    NOT NULL,
     node   INTEGER NOT NULL,
     PRIMARY KEY (list, parent, value, node)
   ) STRICT, WITHOUT ROWID`,
  "CREATE UNIQUE INDEX node_index_value ON node_index (list, value, node)"
]

/**
 * Which nodes something is in, so that what is below a node can be gone through by those alone. A node whose children
 * are gone may keep the mark: then looking below it finds nothing.
 */
export const holdsTables: ReadonlyArray<string> = [
  "ALTER TABLE nodes ADD COLUMN holds INTEGER NOT NULL DEFAULT 0",
  "UPDATE nodes SET holds = 1 WHERE key IN (SELECT parent FROM nodes)",
  "CREATE INDEX nodes_inner ON nodes (parent) WHERE holds = 1"
]
