import type {
  AnalyticsFilter,
  AnalyticsInterval,
  AnalyticsQuery,
  FunnelQuery,
  RetentionQuery,
  TopQuery,
  TrendsQuery,
  UniqueQuery
} from "@portico/gate/contracts"

/** A question in PostHog's SQL, with what its `{placeholders}` stand for. Nothing of a caller's is in the text. */
export interface HogQL {
  readonly query: string
  readonly values: Readonly<Record<string, string | number>>
}

/** The most rows that PostHog answers with. */
export const mostRows = 50_000

/** Seconds of an interval, and from its begin to the epoch: a week begins on Monday, 1970 on a Thursday. */
export const intervalSeconds = {
  hour: { length: 3_600, offset: 0 },
  day: { length: 86_400, offset: 0 },
  week: { length: 604_800, offset: 259_200 }
} as const satisfies Record<AnalyticsInterval, { readonly length: number; readonly offset: number }>

/** Number of the interval that an event is in. */
const bucketOf = (interval: AnalyticsInterval): string => {
  const { length, offset } = intervalSeconds[interval]
  return `intDiv(toUnixTimestamp(timestamp) + ${offset}, ${length})`
}

/** Gathers values, and gives each a placeholder. */
const makeValues = () => {
  const values: Record<string, string | number> = {}
  const hold = (value: string | number): string => {
    const name = `v${Object.keys(values).length}`
    values[name] = value
    return `{${name}}`
  }
  return { values, hold }
}
type Hold = ReturnType<typeof makeValues>["hold"]

// A text begins with `=`, so that an empty one is told from none.
const textOf = (hold: Hold, property: string): string => {
  const raw = `JSONExtractRaw(properties, ${hold(property)})`
  const text = `JSONExtractString(properties, ${hold(property)})`
  return `if(${raw} = '' OR ${raw} = 'null' OR startsWith(${raw}, '[') OR startsWith(${raw}, '{'), '', concat('=', if(startsWith(${raw}, '"'), ${text}, ${raw})))`
}

const filterOf = (hold: Hold, { equals, of = "event", property }: AnalyticsFilter): string => {
  const from = of === "event" ? "properties" : "person.properties"
  const raw = `JSONExtractRaw(${from}, ${hold(property)})`
  if (typeof equals !== "string") return `${raw} = ${hold(String(equals))}`
  return `startsWith(${raw}, '"') AND JSONExtractString(${from}, ${hold(property)}) = ${hold(equals)}`
}

const conditions = (hold: Hold, { from, to, where = [] }: AnalyticsQuery, events: ReadonlyArray<string>): string =>
  [
    `event IN (${events.map(hold).join(", ")})`,
    `timestamp >= toDateTime(${hold(new Date(from).toISOString())})`,
    `timestamp < toDateTime(${hold(new Date(to).toISOString())})`,
    ...where.map((filter) => filterOf(hold, filter))
  ].join(" AND ")

const measureOf = ({ count }: TrendsQuery): string => `count(DISTINCT ${count === "people" ? "person_id" : "uuid"})`

/** Rows of bucket and count, for a trend that is not broken down. */
export const trendsHogQL = (query: TrendsQuery): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT ${bucketOf(query.interval)} AS bucket, ${measureOf(query)} AS n FROM events WHERE ${conditions(hold, query, [query.event])} GROUP BY bucket LIMIT ${mostRows}`
  return { query: text, values }
}

const brokenDown = (hold: Hold, query: TrendsQuery, property: string): string =>
  `SELECT ${bucketOf(query.interval)} AS bucket, ${textOf(hold, property)} AS value, ${measureOf(query)} AS n FROM events WHERE ${conditions(hold, query, [query.event])} GROUP BY bucket, value`

/** Rows of value, the largest series first. */
export const largestHogQL = (query: TrendsQuery, property: string, limit: number): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT value, sum(n) AS total FROM (${brokenDown(hold, query, property)}) AS counted GROUP BY value ORDER BY total DESC, value LIMIT ${limit}`
  return { query: text, values }
}

/** Rows of bucket, value and count, for some values. */
export const breakdownHogQL = (query: TrendsQuery, property: string, chosen: ReadonlyArray<string>): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT bucket, value, n FROM (${brokenDown(hold, query, property)}) AS counted WHERE value IN (${chosen.map(hold).join(", ")}) LIMIT ${mostRows}`
  return { query: text, values }
}

/** A row with a count. */
export const uniqueHogQL = (query: UniqueQuery): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT count(DISTINCT person_id) AS n FROM events WHERE ${conditions(hold, query, query.events)} LIMIT 1`
  return { query: text, values }
}

/** Rows of level and people who came to it and no further. */
export const funnelHogQL = (query: FunnelQuery): HogQL => {
  const { hold, values } = makeValues()
  const steps = query.steps.map((step) => `event = ${hold(step)}`).join(", ")
  const text = `SELECT level, count() AS n FROM (SELECT person_id, windowFunnel(${query.within})(toDateTime(timestamp), ${steps}) AS level FROM events WHERE ${conditions(hold, query, query.steps)} GROUP BY person_id) AS people GROUP BY level LIMIT 100`
  return { query: text, values }
}

const began = (hold: Hold, query: RetentionQuery): string =>
  `(SELECT person_id, min(${bucketOf(query.interval)}) AS cohort FROM events WHERE ${conditions(hold, query, [query.event])} GROUP BY person_id) AS began`

/** Rows of cohort and size. */
export const cohortsHogQL = (query: RetentionQuery): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT cohort, count() AS n FROM ${began(hold, query)} GROUP BY cohort LIMIT ${mostRows}`
  return { query: text, values }
}

/** Rows of cohort, later bucket, and people of the one who were there in the other. */
export const returnedHogQL = (query: RetentionQuery): HogQL => {
  const { hold, values } = makeValues()
  const back = `(SELECT DISTINCT person_id, ${bucketOf(query.interval)} AS bucket FROM events WHERE ${conditions(hold, query, [query.returning])}) AS back`
  const text = `SELECT began.cohort AS cohort, back.bucket AS bucket, count() AS n FROM ${began(hold, query)} INNER JOIN ${back} ON began.person_id = back.person_id WHERE back.bucket > began.cohort GROUP BY cohort, bucket LIMIT ${mostRows}`
  return { query: text, values }
}

/** Rows of value and count, the most frequent first. */
export const topHogQL = (query: TopQuery): HogQL => {
  const { hold, values } = makeValues()
  const text = `SELECT value, n FROM (SELECT ${textOf(hold, query.property)} AS value, count(DISTINCT uuid) AS n FROM events WHERE ${conditions(hold, query, [query.event])} GROUP BY value) AS counted WHERE value != '' ORDER BY n DESC, value LIMIT ${query.limit ?? 10}`
  return { query: text, values }
}
