import { AnalyticsError } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { HogQL } from "./hogql.ts"
import type { WireEvent } from "./wire.ts"

/** Where PostHog is, and as whom to speak to it. */
export interface PostHogAccess {
  /** Takes events, for example `https://eu.i.posthog.com`. */
  readonly url: string
  /** The project's key, which begins with `phc_`. */
  readonly projectKey: string
  /** What is needed to ask for something; without it nothing can be. */
  readonly questions:
    | {
        /** Answers queries, for example `https://eu.posthog.com`. */
        readonly url: string
        readonly projectId: string
        /** A personal API key that may read queries. */
        readonly personalKey: Redacted.Redacted<string>
      }
    | undefined
  /** Milliseconds that PostHog may take for an answer. */
  readonly timeout: number
}

const Answer = Schema.Struct({ results: Schema.Array(Schema.Array(Schema.Unknown)) })
const decodeAnswer = Schema.decodeUnknownResult(Answer)

const fail = (reason: AnalyticsError["reason"], message: string, cause?: unknown) =>
  Effect.fail(new AnalyticsError({ reason, message, cause }))

const judged = (status: number): Effect.Effect<void, AnalyticsError> => {
  if (status >= 200 && status < 300) return Effect.void
  if (status === 408 || status === 429 || status >= 500)
    return fail("Unavailable", `PostHog cannot answer now (${status}).`)
  if (status === 401 || status === 403) return fail("Misconfigured", `PostHog does not accept the key (${status}).`)
  return fail("Misconfigured", `PostHog does not accept what it is sent (${status}).`)
}

/** The two endpoints that are used. */
export const makePostHogApi = Effect.fnUntraced(function* (access: PostHogAccess) {
  const client = yield* HttpClient.HttpClient
  const post = (request: HttpClientRequest.HttpClientRequest) =>
    client.execute(request).pipe(
      Effect.tap(({ status }) => judged(status)),
      Effect.timeoutOrElse({
        duration: access.timeout,
        orElse: () => fail("Unavailable", "PostHog does not answer in time.")
      }),
      Effect.catchTag("HttpClientError", (cause) => fail("Unavailable", "PostHog cannot be reached.", cause))
    )

  return {
    /** Hands over events. */
    batch: (events: ReadonlyArray<WireEvent>): Effect.Effect<void, AnalyticsError> =>
      post(
        HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post(`${access.url}/batch/`), {
          api_key: access.projectKey,
          batch: events
        })
      ).pipe(
        // Else the connection stays busy.
        Effect.flatMap(({ text }) => Effect.ignore(text))
      ),
    /** The rows that a question is answered with. */
    rows: Effect.fnUntraced(function* ({ query, values }: HogQL) {
      if (access.questions === undefined) {
        return yield* fail("NotImplemented", "Queries need the settings of a project and a personal API key.")
      }
      const { personalKey, projectId, url } = access.questions
      const response = yield* post(
        HttpClientRequest.post(`${url}/api/projects/${projectId}/query/`).pipe(
          HttpClientRequest.bearerToken(Redacted.value(personalKey)),
          HttpClientRequest.bodyJsonUnsafe({ query: { kind: "HogQLQuery", query, values } })
        )
      )
      const body = yield* Effect.catch(response.json, (cause) =>
        fail("Unavailable", "PostHog's answer cannot be read.", cause)
      )
      const answer = decodeAnswer(body)
      if (Result.isSuccess(answer)) return answer.success.results
      return yield* fail("Unavailable", "PostHog's answer has no rows.", answer.failure)
    })
  }
})
