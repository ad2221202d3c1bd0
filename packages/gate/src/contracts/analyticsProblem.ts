import type { AnalyticsEvent, AnalyticsPerson, AnalyticsProperties } from "./Analytics.ts"
import { type AnalyticsFilter, type AnalyticsQuery, intervalStarts } from "./AnalyticsQuery.ts"

const line = (text: string): boolean => text.length >= 1 && text.length <= 200 && !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(text)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const propertyName = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,99}$/

/** The last millisecond that a date can be (ECMA-262, section 21.4.1.1). */
const lastTime = 8.64e15
const isTime = (time: number): boolean => Number.isInteger(time) && time >= 0 && time <= lastTime

/** Points that a series, and people that a list may have. */
const most = { points: 10_000, values: 1_000, steps: 10, filters: 20 } as const

const isCount = (count: number, least: number, greatest: number): boolean =>
  Number.isInteger(count) && count >= least && count <= greatest

const propertiesProblem = (properties: AnalyticsProperties): string | undefined => {
  if (!Object.keys(properties).every((name) => propertyName.test(name))) return "A property's name is malformed."
  return JSON.stringify(properties).length > 32_768 ? "The properties are longer than 32 KiB." : undefined
}

/** Why no provider takes `event`, or `undefined`. The same for all of them, so that one can take another's place. */
export const eventProblem = (event: AnalyticsEvent): string | undefined => {
  if (!line(event.event)) return "An event's name is one line of 1 to 200 characters."
  if (!line(event.distinctId)) return "Who an event is about is one line of 1 to 200 characters."
  if (event.uuid !== undefined && !uuid.test(event.uuid)) return "An event's uuid is in lower case, as RFC 9562 has it."
  if (event.timestamp !== undefined && !isTime(event.timestamp)) return "An event's time is no time."
  return event.properties === undefined ? undefined : propertiesProblem(event.properties)
}

/** The same of a person. */
export const personProblem = ({ distinctId, properties }: AnalyticsPerson): string | undefined =>
  line(distinctId) ? propertiesProblem(properties) : "Who a person is is one line of 1 to 200 characters."

const filterProblem = ({ equals, property }: AnalyticsFilter): string | undefined => {
  if (!propertyName.test(property)) return "The name of a property to filter by is malformed."
  return typeof equals === "number" && !Number.isFinite(equals) ? "A value to filter by is no number." : undefined
}

const shapeProblem = (query: AnalyticsQuery): string | undefined => {
  switch (query.kind) {
    case "trends": {
      const { breakdown } = query
      if (breakdown === undefined) return undefined
      if (!propertyName.test(breakdown.property)) return "The name of the property to break down by is malformed."
      return isCount(breakdown.limit ?? 1, 1, most.values) ? undefined : "A breakdown has 1 to 1,000 values."
    }
    case "unique":
      return isCount(query.events.length, 1, most.steps) ? undefined : "People are counted by 1 to 10 events."
    case "funnel":
      if (!isCount(query.steps.length, 2, most.steps)) return "A funnel has 2 to 10 steps."
      return isCount(query.within, 1, 366 * 86_400) ? undefined : "A funnel takes 1 second to 366 days."
    case "retention":
      return undefined
    case "top":
      if (!propertyName.test(query.property)) return "The name of the property is malformed."
      return isCount(query.limit ?? 1, 1, most.values) ? undefined : "A list has 1 to 1,000 values."
  }
}

const eventsOf = (query: AnalyticsQuery): ReadonlyArray<string> => {
  switch (query.kind) {
    case "unique":
      return query.events
    case "funnel":
      return query.steps
    case "retention":
      return [query.event, query.returning]
    default:
      return [query.event]
  }
}

/** Why no provider answers `query`, or `undefined`. */
export const queryProblem = (query: AnalyticsQuery): string | undefined => {
  const { from, to, where = [] } = query
  if (!isTime(from) || !isTime(to) || from >= to) return "A window begins at one time, and ends at a later one."
  if (!eventsOf(query).every(line)) return "An event's name is one line of 1 to 200 characters."
  if (where.length > most.filters) return "There are at most 20 filters."
  if ("interval" in query && intervalStarts(query.interval, query).length > most.points) {
    return "A window has at most 10,000 intervals."
  }
  return where.map(filterProblem).find((problem) => problem !== undefined) ?? shapeProblem(query)
}
