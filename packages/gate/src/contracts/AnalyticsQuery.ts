/** How long one point of a series is. Weeks begin on Monday; all of them in UTC. */
export type AnalyticsInterval = "hour" | "day" | "week"

/** Keeps the events that have this value in a property of theirs, or of the person that they are about. */
export interface AnalyticsFilter {
  readonly property: string
  /** Default `event`. */
  readonly of?: "event" | "person" | undefined
  readonly equals: string | number | boolean
}

/** Which events are looked at: from and including `from`, up to and excluding `to` (milliseconds since the epoch). */
interface Window {
  readonly from: number
  readonly to: number
  /** All of them must hold. */
  readonly where?: ReadonlyArray<AnalyticsFilter> | undefined
}

/** How often something happened, over time. */
export interface TrendsQuery extends Window {
  readonly kind: "trends"
  readonly event: string
  readonly interval: AnalyticsInterval
  /** Events, or the people that had at least one. Default `events`. */
  readonly count?: "events" | "people" | undefined
  /** A property of events: a series for each of its values, the largest `limit` (default 10) of them. */
  readonly breakdown?: { readonly property: string; readonly limit?: number | undefined } | undefined
}

/** How many people had at least one of these events. */
export interface UniqueQuery extends Window {
  readonly kind: "unique"
  readonly events: ReadonlyArray<string>
}

/** How many people went through steps in this order, from any first step on. */
export interface FunnelQuery extends Window {
  readonly kind: "funnel"
  /** 2 to 10 events. Others may happen in between. */
  readonly steps: ReadonlyArray<string>
  /** Whole seconds that a person may take from the first step to the last. */
  readonly within: number
}

/** Of the people who began in an interval, how many came back in those after it. */
export interface RetentionQuery extends Window {
  readonly kind: "retention"
  /** A person belongs to the interval in which they first had it. */
  readonly event: string
  readonly returning: string
  readonly interval: AnalyticsInterval
}

/** The most frequent values of a property. */
export interface TopQuery extends Window {
  readonly kind: "top"
  readonly event: string
  readonly property: string
  /** Default 10, at most 1,000. */
  readonly limit?: number | undefined
}

/** Something to be found out from events. */
export type AnalyticsQuery = TrendsQuery | UniqueQuery | FunnelQuery | RetentionQuery | TopQuery

/** A value of a property as text, or `null` where an event has none, or a list or table. */
export type AnalyticsValue = string | null

/** A series of a {@link TrendsQuery}: a point for each interval that the window touches, also where nothing happened. */
export interface TrendsSeries {
  /** `null` also where nothing is broken down. */
  readonly value: AnalyticsValue
  readonly points: ReadonlyArray<{
    /** Begin of the interval, in milliseconds since the epoch. */
    readonly at: number
    readonly count: number
  }>
}

/** People who began in one interval. */
export interface RetentionCohort {
  /** Begin of the interval, in milliseconds since the epoch. */
  readonly at: number
  readonly size: number
  /** How many of them came back in the next interval, the one after it, and so on to the end of the window. */
  readonly returned: ReadonlyArray<number>
}

/** What each kind of query is answered with. */
export interface AnalyticsAnswers {
  /** The largest first. */
  readonly trends: { readonly series: ReadonlyArray<TrendsSeries> }
  readonly unique: { readonly count: number }
  /** How many people came to each step at least. */
  readonly funnel: { readonly steps: ReadonlyArray<{ readonly event: string; readonly count: number }> }
  /** One for each interval, also where nobody began. */
  readonly retention: { readonly cohorts: ReadonlyArray<RetentionCohort> }
  /** The most frequent first, equally frequent ones by value; events without the property are not counted. */
  readonly top: { readonly values: ReadonlyArray<{ readonly value: string; readonly count: number }> }
}

/** A kind of query. */
export type AnalyticsQueryKind = AnalyticsQuery["kind"]

const hour = 3_600_000
const lengths: Readonly<Record<AnalyticsInterval, number>> = { hour, day: 24 * hour, week: 7 * 24 * hour }

/** Where a week begins: 1 January 1970 was a Thursday. */
const firstMonday = -3 * 24 * hour

/** Begin of the interval that holds a time, both in milliseconds since the epoch. */
export const intervalStart = (interval: AnalyticsInterval, at: number): number => {
  const offset = interval === "week" ? firstMonday : 0
  return Math.floor((at - offset) / lengths[interval]) * lengths[interval] + offset
}

/** Begins of all intervals that a window touches. */
export const intervalStarts = (
  interval: AnalyticsInterval,
  { from, to }: Pick<Window, "from" | "to">
): ReadonlyArray<number> => {
  const first = intervalStart(interval, from)
  return Array.from(
    { length: Math.ceil((to - first) / lengths[interval]) },
    (_, index) => first + index * lengths[interval]
  )
}
