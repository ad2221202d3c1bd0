import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Enrichment, EnrichmentError, Profile } from "./port.ts"

export interface HttpEnrichmentOptions {
  /** Where the service is, e.g. `https://api.example.com/v1`. */
  readonly baseUrl: URL
  readonly apiKey?: Redacted.Redacted<string>
  /** For the whole look-up, body included. */
  readonly timeoutMs: number
}

/** The service's answer: what we use of it, and how much of it we believe. */
const Answer = Schema.Struct({
  name: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
  company: Schema.optionalKey(Schema.Struct({ name: Schema.String.check(Schema.isMaxLength(200)) }))
})

// A profile is a few lines; whoever sends more than this is not the service we know.
const largestAnswer = 64 * 1024

const failed = (message: string): EnrichmentError => PorticoError.make("DISPATCH_FAILED", message)

const readBounded = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > largestAnswer) throw failed(`the enrichment service answered more than ${largestAnswer} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

interface Reply {
  readonly status: number
  readonly text: string
}

const ask = (options: HttpEnrichmentOptions, url: URL): Effect.Effect<Reply, EnrichmentError> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, {
        headers: {
          accept: "application/json",
          ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${Redacted.value(options.apiKey)}` })
        },
        // Whoever redirects a look-up shall not see the key.
        redirect: "error",
        signal
      })
      return { status: response.status, text: await readBounded(response) }
    },
    // The cause may hold the URL, and with it the address that was looked up.
    catch: (cause) =>
      cause instanceof PorticoError ? (cause as EnrichmentError) : failed("the enrichment service cannot be reached")
  })

const parseAnswer = Schema.decodeUnknownEffect(Schema.fromJsonString(Answer))

const profileOf = (answer: typeof Answer.Type): Profile => ({
  ...(answer.name === undefined ? {} : { name: answer.name }),
  ...(answer.company === undefined ? {} : { company: answer.company.name })
})

const read = (reply: Reply): Effect.Effect<Option.Option<Profile>, EnrichmentError> => {
  if (reply.status === 404) return Effect.succeedNone
  if (reply.status !== 200) return Effect.fail(failed(`the enrichment service answered with status ${reply.status}`))
  return parseAnswer(reply.text).pipe(
    Effect.map((answer) => Option.some(profileOf(answer))),
    Effect.mapError(() => failed("the enrichment service answered something that is not a profile"))
  )
}

/**
 * Enrichment over HTTP: `GET <base>/people?email=…`, 200 with a profile or 404.
 * Everything that can go wrong on the way is `DISPATCH_FAILED` or `TIMEOUT`.
 */
export const httpEnrichment = (options: HttpEnrichmentOptions): Enrichment => {
  const base = options.baseUrl.href.replace(/\/$/, "")
  return {
    lookup: (email) =>
      ask(options, new URL(`${base}/people?email=${encodeURIComponent(email)}`)).pipe(
        Effect.flatMap(read),
        Effect.timeoutOrElse({
          duration: options.timeoutMs,
          orElse: () =>
            Effect.fail(
              PorticoError.make("TIMEOUT", `the enrichment service did not answer within ${options.timeoutMs} ms`)
            )
        })
      )
  }
}
