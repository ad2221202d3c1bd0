import {
  type AnalyticsAnswers,
  AnalyticsError,
  type AnalyticsInterval,
  type AnalyticsQuery,
  type FunnelQuery,
  intervalStarts,
  type RetentionQuery,
  type TrendsQuery
} from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as hogql from "./hogql.ts"

type Rows = ReadonlyArray<ReadonlyArray<unknown>>
type Ask = (question: hogql.HogQL) => Effect.Effect<Rows, AnalyticsError>

const tooMany = Effect.fail(
  new AnalyticsError({
    reason: "NotImplemented",
    message: `PostHog answers with at most ${hogql.mostRows} numbers; ask for fewer intervals or values.`
  })
)

const startOf = (interval: AnalyticsInterval, bucket: unknown): number => {
  const { length, offset } = hogql.intervalSeconds[interval]
  return (Number(bucket) * length - offset) * 1_000
}

const withoutMark = (text: string): string | null => (text === "" ? null : text.slice(1))

const pointsOf = (query: TrendsQuery, rows: Rows) => {
  const counts = new Map(rows.map(([bucket, count]) => [startOf(query.interval, bucket), Number(count)]))
  return intervalStarts(query.interval, query).map((at) => ({ at, count: counts.get(at) ?? 0 }))
}

const trends = Effect.fnUntraced(function* (ask: Ask, query: TrendsQuery) {
  const { breakdown } = query
  if (breakdown === undefined) {
    return { series: [{ value: null, points: pointsOf(query, yield* ask(hogql.trendsHogQL(query))) }] }
  }
  const { limit = 10, property } = breakdown
  if (limit * intervalStarts(query.interval, query).length > hogql.mostRows) return yield* tooMany
  const chosen = (yield* ask(hogql.largestHogQL(query, property, limit))).map(([value]) => String(value))
  if (chosen.length === 0) return { series: [] }
  const rows = yield* ask(hogql.breakdownHogQL(query, property, chosen))
  const byValue = Map.groupBy(rows, ([, value]) => String(value))
  const series = chosen.map((value) => ({
    value: withoutMark(value),
    points: pointsOf(
      query,
      (byValue.get(value) ?? []).map(([bucket, , count]) => [bucket, count])
    )
  }))
  return { series }
})

const funnel = (ask: Ask, query: FunnelQuery) =>
  Effect.map(ask(hogql.funnelHogQL(query)), (rows) => ({
    steps: query.steps.map((event, index) => ({
      event,
      count: rows.reduce((sum, [level, people]) => (Number(level) > index ? sum + Number(people) : sum), 0)
    }))
  }))

const retention = Effect.fnUntraced(function* (ask: Ask, query: RetentionQuery) {
  const { interval } = query
  const starts = intervalStarts(interval, query)
  if ((starts.length * (starts.length - 1)) / 2 > hogql.mostRows) return yield* tooMany
  const sizes = new Map(
    (yield* ask(hogql.cohortsHogQL(query))).map(([cohort, people]) => [startOf(interval, cohort), Number(people)])
  )
  const returned = new Map(
    (yield* ask(hogql.returnedHogQL(query))).map(([cohort, bucket, people]) => [
      `${startOf(interval, cohort)} ${startOf(interval, bucket)}`,
      Number(people)
    ])
  )
  return {
    cohorts: starts.map((at, index) => ({
      at,
      size: sizes.get(at) ?? 0,
      returned: starts.slice(index + 1).map((later) => returned.get(`${at} ${later}`) ?? 0)
    }))
  }
})

/** Answers a query with PostHog's rows. */
export const answerWith = (
  ask: Ask,
  query: AnalyticsQuery
): Effect.Effect<AnalyticsAnswers[AnalyticsQuery["kind"]], AnalyticsError> => {
  switch (query.kind) {
    case "trends":
      return trends(ask, query)
    case "unique":
      return Effect.map(ask(hogql.uniqueHogQL(query)), ([row]) => ({ count: Number(row?.[0] ?? 0) }))
    case "funnel":
      return funnel(ask, query)
    case "retention":
      return retention(ask, query)
    case "top":
      return Effect.map(ask(hogql.topHogQL(query)), (rows) => ({
        values: rows.map(([value, count]) => ({ value: String(value).slice(1), count: Number(count) }))
      }))
  }
}
