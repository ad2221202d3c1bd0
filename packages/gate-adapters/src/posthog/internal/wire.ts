import type { AnalyticsEvent, AnalyticsJson, AnalyticsPerson } from "@portico/gate/contracts"

/** An event as PostHog takes it. */
export interface WireEvent {
  readonly uuid: string
  readonly event: string
  readonly distinct_id: string
  readonly timestamp: string
  readonly properties: { readonly [name: string]: AnalyticsJson }
}

/** What is said with each event: the address that it comes from is this server's, and nobody's place. */
const always = { $lib: "portico", $geoip_disable: true } as const

/** What an event needs besides what its author says. */
interface Given {
  readonly uuid: string
  readonly now: number
}

export const wireEvent = (
  { distinctId, event, properties, timestamp, uuid }: AnalyticsEvent,
  given: Given
): WireEvent => ({
  uuid: uuid ?? given.uuid,
  event,
  distinct_id: distinctId,
  timestamp: new Date(timestamp ?? given.now).toISOString(),
  properties: { ...properties, ...always }
})

export const wirePerson = ({ distinctId, properties }: AnalyticsPerson, { now, uuid }: Given): WireEvent => ({
  uuid,
  event: "$set",
  distinct_id: distinctId,
  timestamp: new Date(now).toISOString(),
  properties: { $set: properties, ...always }
})
