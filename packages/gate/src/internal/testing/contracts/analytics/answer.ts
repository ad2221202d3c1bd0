import type { AnalyticsJson, AnalyticsProperties } from "../../../../contracts/Analytics.ts"
import {
  type AnalyticsAnswers,
  type AnalyticsQuery,
  type AnalyticsValue,
  type FunnelQuery,
  intervalStart,
  intervalStarts,
  type RetentionQuery,
  type TopQuery,
  type TrendsQuery,
  type UniqueQuery
} from "../../../../contracts/AnalyticsQuery.ts"

/** An event as it is kept. */
export interface Kept {
  readonly uuid: string
  readonly event: string
  readonly person: string
  readonly at: number
  readonly properties: AnalyticsProperties
}

type People = ReadonlyMap<string, AnalyticsProperties>

const textOf = (json: AnalyticsJson | undefined): AnalyticsValue =>
  json === undefined || json === null || typeof json === "object" ? null : String(json)

const selected = ({ from, to, where = [] }: AnalyticsQuery, events: ReadonlyArray<Kept>, people: People) =>
  events.filter(
    ({ at, person, properties }) =>
      at >= from &&
      at < to &&
      where.every(({ equals, of = "event", property }) => {
        const found = of === "event" ? properties : people.get(person)
        return found?.[property] === equals
      })
  )

const peopleOf = (events: ReadonlyArray<Kept>): ReadonlySet<string> => new Set(events.map(({ person }) => person))

const grouped = <K>(events: ReadonlyArray<Kept>, keyOf: (event: Kept) => K): ReadonlyMap<K, ReadonlyArray<Kept>> =>
  Map.groupBy(events, keyOf)

const trends = (query: TrendsQuery, events: ReadonlyArray<Kept>): AnalyticsAnswers["trends"] => {
  const { breakdown, count = "events", interval } = query
  const measure = (some: ReadonlyArray<Kept>) => (count === "events" ? some.length : peopleOf(some).size)
  const mine = events.filter(({ event }) => event === query.event)
  const series = [
    ...grouped(mine, ({ properties }) => (breakdown === undefined ? null : textOf(properties[breakdown.property])))
  ].map(([value, some]) => {
    const byStart = grouped(some, ({ at }) => intervalStart(interval, at))
    const points = intervalStarts(interval, query).map((at) => ({ at, count: measure(byStart.get(at) ?? []) }))
    return { value, points, size: points.reduce((sum, point) => sum + point.count, 0) }
  })
  if (series.length === 0 && breakdown === undefined) {
    return { series: [{ value: null, points: intervalStarts(interval, query).map((at) => ({ at, count: 0 })) }] }
  }
  series.sort((a, b) => b.size - a.size || String(a.value).localeCompare(String(b.value), "en"))
  return { series: series.slice(0, breakdown?.limit ?? 10).map(({ points, value }) => ({ value, points })) }
}

const unique = (query: UniqueQuery, events: ReadonlyArray<Kept>): AnalyticsAnswers["unique"] => ({
  count: peopleOf(events.filter(({ event }) => query.events.includes(event))).size
})

/** Steps that a person with these events, by time, came through at most. */
const reached = ({ steps, within }: FunnelQuery, events: ReadonlyArray<Kept>): number => {
  const begins = events.flatMap(({ event }, index) => (event === steps[0] ? [index] : []))
  const from = (begin: number): number => {
    let step = 1
    const start = events[begin]?.at ?? 0
    for (const { at, event } of events.slice(begin + 1)) {
      if (at > start + within * 1_000) break
      if (event === steps[step]) step++
    }
    return step
  }
  return Math.max(0, ...begins.map(from))
}

const funnel = (query: FunnelQuery, events: ReadonlyArray<Kept>): AnalyticsAnswers["funnel"] => {
  const levels = [...grouped(events, ({ person }) => person).values()].map((some) =>
    reached(
      query,
      some.toSorted((a, b) => a.at - b.at)
    )
  )
  return {
    steps: query.steps.map((event, index) => ({ event, count: levels.filter((level) => level > index).length }))
  }
}

const retention = (query: RetentionQuery, events: ReadonlyArray<Kept>): AnalyticsAnswers["retention"] => {
  const { interval } = query
  const intervalsOf = (name: string) =>
    [
      ...grouped(
        events.filter(({ event }) => event === name),
        ({ person }) => person
      )
    ].map(([person, some]) => [person, new Set(some.map(({ at }) => intervalStart(interval, at)))] as const)
  const began = new Map(intervalsOf(query.event).map(([person, starts]) => [person, Math.min(...starts)]))
  const returned = new Map(intervalsOf(query.returning))
  const starts = intervalStarts(interval, query)
  return {
    cohorts: starts.map((at, index) => {
      const people = [...began].flatMap(([person, start]) => (start === at ? [person] : []))
      const later = starts.slice(index + 1)
      return {
        at,
        size: people.length,
        returned: later.map((start) => people.filter((person) => returned.get(person)?.has(start)).length)
      }
    })
  }
}

const top = (query: TopQuery, events: ReadonlyArray<Kept>): AnalyticsAnswers["top"] => {
  const counts = new Map<string, number>()
  for (const { event, properties } of events) {
    const value = event === query.event ? textOf(properties[query.property]) : null
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const values = [...counts].map(([value, count]) => ({ value, count }))
  values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  return { values: values.slice(0, query.limit ?? 10) }
}

/** Answers a query in the most naive way. */
export const answer = (
  query: AnalyticsQuery,
  events: ReadonlyArray<Kept>,
  people: People
): AnalyticsAnswers[AnalyticsQuery["kind"]] => {
  const some = selected(query, events, people)
  switch (query.kind) {
    case "trends":
      return trends(query, some)
    case "unique":
      return unique(query, some)
    case "funnel":
      return funnel(query, some)
    case "retention":
      return retention(query, some)
    case "top":
      return top(query, some)
  }
}
