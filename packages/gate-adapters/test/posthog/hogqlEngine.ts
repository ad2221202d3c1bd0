import { DatabaseSync, type SQLInputValue } from "node:sqlite"

/** An event as `/batch/` takes it. */
export interface TakenEvent {
  readonly uuid: string
  readonly event: string
  readonly distinct_id: string
  readonly timestamp: string
  readonly properties: Readonly<Record<string, unknown>>
}

const property = (json: unknown, name: unknown): unknown => {
  const found: Record<string, unknown> = JSON.parse(String(json))
  return Object.hasOwn(found, String(name)) ? found[String(name)] : undefined
}

/** ClickHouse's `windowFunnel` in its default mode: the most steps in order within `window` seconds of a first one. */
const windowFunnel = (window: number, moments: ReadonlyArray<readonly [at: number, holds: ReadonlyArray<boolean>]>) => {
  const sorted = moments.toSorted(([a], [b]) => a - b)
  /** Begin of the latest chain that has come to each step. */
  const begins: Array<number | undefined> = []
  for (const [at, holds] of sorted) {
    for (const step of [...holds.keys()].reverse()) {
      if (holds[step] !== true) continue
      const begin = step === 0 ? at : begins[step - 1]
      if (begin !== undefined && at <= begin + window) begins[step] = begin
    }
  }
  return begins.length
}

/**
 * Executes the part of PostHog's SQL that is used here, on SQLite: functions of ClickHouse are ours, placeholders are
 * bound. Events with one uuid stay several, as they may for a while in PostHog.
 */
export const makeHogqlEngine = () => {
  const db = new DatabaseSync(":memory:")
  db.exec(`CREATE TABLE taken (uuid TEXT, event TEXT, person_id TEXT, timestamp INTEGER, properties TEXT);
    CREATE TABLE person (id TEXT PRIMARY KEY, properties TEXT);
    CREATE VIEW events AS SELECT taken.*, coalesce(person.properties, '{}') AS person_properties
      FROM taken LEFT JOIN person ON person.id = person_id`)
  db.function("intDiv", (a, b) => Math.floor(Number(a) / Number(b)))
  db.function("toUnixTimestamp", (at) => Math.floor(Number(at) / 1_000))
  // Of a text it is a time, here in milliseconds; of a time it is the same in whole seconds.
  db.function("toDateTime", (of) => (typeof of === "string" ? Date.parse(of) : Math.floor(Number(of) / 1_000)))
  db.function("startsWith", (text, start) => (String(text).startsWith(String(start)) ? 1 : 0))
  db.function("JSONExtractRaw", (json, name) => JSON.stringify(property(json, name)) ?? "")
  db.function("JSONExtractString", (json, name) => {
    const found = property(json, name)
    return typeof found === "string" ? found : ""
  })
  db.aggregate("windowFunnel", {
    start: () => "[]",
    varargs: true,
    step: (state, ...args) => {
      const [window, at, ...holds] = args
      const moments = JSON.parse(String(state))
      return JSON.stringify([...moments, [window, at, holds.map((hold) => hold === 1)]])
    },
    result: (state) => {
      const moments: ReadonlyArray<readonly [number, number, ReadonlyArray<boolean>]> = JSON.parse(String(state))
      return windowFunnel(
        moments[0]?.[0] ?? 0,
        moments.map(([, at, holds]) => [at, holds])
      )
    }
  })
  const insert = db.prepare("INSERT INTO taken VALUES (?, ?, ?, ?, ?)")
  const known = db.prepare("SELECT properties FROM person WHERE id = ?")
  const learn = db.prepare("INSERT OR REPLACE INTO person VALUES (?, ?)")
  return {
    take: ({ distinct_id, event, properties, timestamp, uuid }: TakenEvent) => {
      insert.run(uuid, event, distinct_id, Date.parse(timestamp), JSON.stringify(properties))
      const { $set } = properties
      if (typeof $set !== "object" || $set === null) return
      const before = JSON.parse(String(known.get(distinct_id)?.properties ?? "{}"))
      learn.run(distinct_id, JSON.stringify({ ...before, ...$set }))
    },
    rows: (query: string, values: Readonly<Record<string, SQLInputValue>>) => {
      const text = query
        .replaceAll(/\{(\w+)\}/g, ":$1")
        .replaceAll(/windowFunnel\((\d+)\)\(/g, "windowFunnel($1, ")
        .replaceAll("person.properties", "person_properties")
      const statement = db.prepare(text)
      statement.setReturnArrays(true)
      return statement.all(values)
    },
    close: () => db.close()
  }
}
