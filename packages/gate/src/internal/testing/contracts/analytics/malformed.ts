import type { AnalyticsEvent } from "../../../../contracts/Analytics.ts"
import type { AnalyticsQuery } from "../../../../contracts/AnalyticsQuery.ts"

/** Events that no provider takes, by what is wrong with them. */
export const malformedEvents: Readonly<Record<string, Partial<AnalyticsEvent>>> = {
  "an event without a name": { event: "" },
  "an event whose name has two lines": { event: "a\nb" },
  "an event whose name is too long": { event: "x".repeat(201) },
  "an event about nobody": { distinctId: "" },
  "an event with a uuid that is none": { uuid: "1234" },
  "an event at no time": { timestamp: Number.NaN },
  "an event before all time": { timestamp: -1 },
  "an event with a property that has no proper name": { properties: { "a b": 1 } },
  "an event with endless properties": { properties: { a: "x".repeat(40_000) } }
}

/** Queries that no provider answers, by what is wrong with them. */
export const malformedQueries = (window: {
  readonly from: number
  readonly to: number
}): Readonly<Record<string, AnalyticsQuery>> => {
  const trend = { kind: "trends", event: "a", interval: "hour", ...window } as const
  const unique = { kind: "unique", events: ["a"], ...window } as const
  const funnel = { kind: "funnel", steps: ["a", "b"], within: 60, ...window } as const
  const top = { kind: "top", event: "a", property: "p", ...window } as const
  return {
    "a window that ends where it begins": { ...trend, to: trend.from },
    "a window that begins at no time": { ...trend, from: Number.NaN },
    "too many intervals": { ...trend, to: trend.from + 10_001 * 3_600_000 },
    "an event without a name": { ...trend, event: "" },
    "a breakdown by no proper property": { ...trend, breakdown: { property: "a') --" } },
    "a breakdown into too many": { ...trend, breakdown: { property: "p", limit: 1_001 } },
    "no events": { ...unique, events: [] },
    "a filter by no proper property": { ...unique, where: [{ property: "a b", equals: 1 }] },
    "a filter by no number": { ...unique, where: [{ property: "a", equals: Number.NaN }] },
    "one step only": { ...funnel, steps: ["a"] },
    "no time for its steps": { ...funnel, within: 0 },
    "a property without a name": { ...top, property: "" },
    "a list of nothing": { ...top, limit: 0 }
  }
}
