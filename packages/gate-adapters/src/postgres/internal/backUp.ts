import type { Session } from "./session.ts"

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** What a backup is called, up to its time. */
const prefix = "portico_backup_"

/** The table of a backup that holds what its tables lack until they are put back: indexes, and constraints that need them. */
const restTable = "portico_backup"

/** Tables of a schema but those of extensions. */
const tablesOf = (schema: string): string => `SELECT relname AS name FROM pg_class AS c
  WHERE c.relnamespace = ${text(schema)}::regnamespace AND c.relkind = 'r' AND c.relname <> ${text(restTable)}
    AND NOT EXISTS (
      SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    ) ORDER BY c.relname`

/** Statements that make the constraints and indexes of a schema's tables, in the order in which they can be made. */
const restOf = (schema: string): string => `
  SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', ${text(schema)}, t.relname, k.conname, pg_get_constraintdef(k.oid))
      AS statement, CASE k.contype WHEN 'f' THEN 3 ELSE 1 END AS turn
    FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid
    WHERE t.relnamespace = ${text(schema)}::regnamespace AND t.relkind = 'r' AND k.contype IN ('p', 'u', 'x', 'f')
  UNION ALL
  SELECT pg_get_indexdef(i.indexrelid), 2
    FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid
    WHERE t.relnamespace = ${text(schema)}::regnamespace AND t.relkind = 'r'
      AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`

/** Columns whose values are counted up, each with its sequence, and whether that is only a default of the column. */
const countersOf = (schema: string): string => `
  SELECT t.relname AS tablename, a.attname AS name, a.attidentity = '' AS loose,
    pg_get_serial_sequence(format('%I.%I', ${text(schema)}, t.relname), a.attname) AS sequence
  FROM pg_attribute AS a JOIN pg_class AS t ON t.oid = a.attrelid
  WHERE t.relnamespace = ${text(schema)}::regnamespace AND t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND pg_get_serial_sequence(format('%I.%I', ${text(schema)}, t.relname), a.attname) IS NOT NULL`

/** Puts the tables of a backup in the place of those that are there, which are kept in a schema of their own. */
const restoreProcedure = (home: string, backup: string): string => `
  CREATE PROCEDURE ${name(backup)}.restore() LANGUAGE plpgsql SET search_path = ${name(home)} AS $restore$
  DECLARE
    aside text := 'portico_aside_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"t"HH24MISSMS');
    each text;
  BEGIN
    IF NOT EXISTS (${tablesOf(backup)}) THEN
      RAISE EXCEPTION 'the tables of this backup were put back before';
    END IF;
    IF EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'portico') THEN
      RAISE EXCEPTION 'an instance runs on this database: stop it first';
    END IF;
    EXECUTE format('CREATE SCHEMA %I', aside);
    FOR each IN ${tablesOf(home)} LOOP
      EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', ${text(home)}, each, aside);
    END LOOP;
    FOR each IN ${tablesOf(backup)} LOOP
      EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', ${text(backup)}, each, ${text(home)});
    END LOOP;
    FOR each IN SELECT statement FROM ${name(backup)}.${restTable} ORDER BY turn, statement LOOP
      EXECUTE each;
    END LOOP;
    RAISE NOTICE 'The tables that were in place are in the schema % now.', aside;
  END $restore$`

/** What a backup says of itself, where schemas are listed. */
const commentOf = (home: string, why: string): string => `Tables of ${home} ${why}`

/**
 * Copies all tables of the schema that the session is in to a schema of their own, as of one moment, and forgets all but
 * the last `keep` copies. In one transaction, so there is a whole copy or none. Gives the copy's name.
 */
export const backUp = async (session: Session, now: number, why: string, keep: number): Promise<string> => {
  const list = async (sql: string) => (await session.query(sql)).rows
  const backup = `${prefix}${new Date(now).toISOString().replaceAll(/[-:.]/g, "").toLowerCase()}`
  await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
  try {
    // How long it takes depends on how much there is.
    await session.query("SET LOCAL statement_timeout = 0")
    const [at] = await list("SELECT current_schema() AS home")
    const home = String(at?.home)
    await session.query(`CREATE SCHEMA ${name(backup)}`)
    await session.query(`COMMENT ON SCHEMA ${name(backup)} IS ${text(commentOf(home, why))}`)
    for (const row of await list(tablesOf(home))) await copyTable(session, home, backup, String(row.name))
    for (const row of await list(countersOf(home))) await copyCounter(session, backup, row)
    await session.query(`CREATE TABLE ${name(backup)}.${restTable} AS ${restOf(home)}`)
    await session.query(restoreProcedure(home, backup))
    const before = await list(
      `SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, ${text(prefix)})
         AND starts_with(obj_description(oid, 'pg_namespace'), ${text(commentOf(home, ""))})
       ORDER BY nspname DESC OFFSET ${keep}`
    )
    for (const row of before) await session.query(`DROP SCHEMA ${name(String(row.name))} CASCADE`)
    await session.query("COMMIT")
    return backup
  } catch (cause) {
    await session.query("ROLLBACK").catch(() => {})
    throw cause
  }
}

const copyTable = async (session: Session, home: string, backup: string, table: string): Promise<void> => {
  const [from, to] = [home, backup].map((schema) => `${name(schema)}.${name(table)}`)
  // Without indexes, which take as long and as much room again; they are made when the copy is put back.
  await session.query(`CREATE TABLE ${to} (LIKE ${from} INCLUDING ALL EXCLUDING INDEXES)`)
  // What is worked out from other columns is worked out again.
  const { rows } = await session.query(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = ${text(from ?? "")}::regclass
       AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`
  )
  const columns = rows.map((row) => name(String(row.name))).join(", ")
  if (columns === "") return
  await session.query(`INSERT INTO ${to} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${from}`)
}

/** A column of a copy counts on from where the original is, by a sequence of its own. */
const copyCounter = async (
  session: Session,
  backup: string,
  { loose, name: column, sequence, tablename }: Awaited<ReturnType<Session["query"]>>["rows"][number]
): Promise<void> => {
  const table = `${name(backup)}.${name(String(tablename))}`
  if (loose === 1) {
    const own = `${name(backup)}.${name(`${tablename}_${column}_seq`)}`
    await session.query(`CREATE SEQUENCE ${own} OWNED BY ${table}.${name(String(column))}`)
    await session.query(
      `ALTER TABLE ${table} ALTER COLUMN ${name(String(column))} SET DEFAULT nextval(${text(own)}::regclass)`
    )
  }
  await session.query(
    `SELECT setval(pg_get_serial_sequence(${text(table)}, ${text(String(column))}), last_value, is_called) FROM ${sequence}`
  )
}
