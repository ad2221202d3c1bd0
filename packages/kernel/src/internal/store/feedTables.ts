/**
 * What it takes to look back: history and the feed read `node_changes`, which gets the place of each change as it was
 * at the time, because by the time it is read the node may have moved or be gone.
 */
export const feedTables: ReadonlyArray<string> = [
  // Ids of the node (of an edge: its source) and the target.
  "ALTER TABLE node_changes ADD COLUMN node_id TEXT",
  "ALTER TABLE node_changes ADD COLUMN target_id TEXT",
  // Class of the node; `class` is an edge's.
  "ALTER TABLE node_changes ADD COLUMN node_class INTEGER",
  "ALTER TABLE node_changes ADD COLUMN slug TEXT",
  // Path after the change, and keys of the ancestors from the top, each followed by a slash.
  "ALTER TABLE node_changes ADD COLUMN path TEXT",
  "ALTER TABLE node_changes ADD COLUMN above TEXT",
  // The same before the change, where it was another place.
  "ALTER TABLE node_changes ADD COLUMN from_path TEXT",
  "ALTER TABLE node_changes ADD COLUMN from_above TEXT",
  "ALTER TABLE node_changes ADD COLUMN target_above TEXT",
  // Whether something was below the node.
  "ALTER TABLE node_changes ADD COLUMN holds INTEGER",
  // Props: of a node before; of an edge before and after. A node's props after are the next change's before.
  "ALTER TABLE node_changes ADD COLUMN before TEXT",
  "ALTER TABLE node_changes ADD COLUMN after TEXT",
  "CREATE INDEX node_changes_target ON node_changes (target, number) WHERE target IS NOT NULL",
  // What was written before this cannot be told to anybody: it lacks all of the above.
  "INSERT INTO kernel_meta (name, value) SELECT 'changes floor', value FROM kernel_meta WHERE name = 'seq'",
  // One row for the top of each deleted subtree. Its node has `trashKey` as its parent; here is where it was.
  `CREATE TABLE trash (
     node       INTEGER PRIMARY KEY,
     id         TEXT    NOT NULL,
     parent     INTEGER NOT NULL,
     slug       TEXT    NOT NULL,
     path       TEXT    NOT NULL,
     class      TEXT    NOT NULL,
     seq        INTEGER NOT NULL,
     deleted_at INTEGER NOT NULL,
     actor      TEXT,
     purging    INTEGER NOT NULL DEFAULT 0
   ) STRICT`,
  "CREATE INDEX trash_age ON trash (deleted_at)",
  "CREATE INDEX trash_seq ON trash (seq, node)",
  "CREATE INDEX trash_path ON trash (path, seq)",
  // What was given away while it lay in the trash, so that a restore need look at nothing else: unique values,
  // edges that others were made beside, and classes that were taken out.
  `CREATE TABLE trash_claims (
     top   INTEGER NOT NULL,
     kind  TEXT    NOT NULL,
     node  INTEGER NOT NULL,
     name  TEXT    NOT NULL,
     value TEXT    NOT NULL,
     PRIMARY KEY (top, kind, node, name)
   ) STRICT, WITHOUT ROWID`
]

/** Changes of place, so that what was below a node is found without going through all that was written since. */
export const movesTables: ReadonlyArray<string> = [
  "CREATE INDEX node_changes_moved ON node_changes (number) WHERE from_above IS NOT NULL"
]
