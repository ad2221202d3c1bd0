import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Change, ChangesOptions } from "../Changes.ts"
import { addressOf } from "../Node.ts"
import { type HttpOptions, refusalOf, tokenOf } from "./http.ts"

/** Where a watcher is: the last change that it has. */
interface Position {
  readonly seq: number
  readonly part: number
}

/** Longest wait before a lost connection is tried again, in milliseconds. */
const longestWait = 10_000

const lost = (base: string, cause: unknown): PorticoError =>
  PorticoError.make("UNAVAILABLE", `${base} was lost (${cause instanceof Error ? cause.message : String(cause)}).`, {
    url: base
  })

const queryOf = ({ class: of, since, under }: ChangesOptions): string => {
  const query = new URLSearchParams()
  if (since !== undefined) query.set("since", String(since))
  if (under !== undefined) query.set("under", addressOf(under))
  if (of !== undefined) query.set("class", typeof of === "string" ? of : of.ref)
  return query.size === 0 ? "" : `?${query}`
}

/** One connection: changes until it ends, which it does by failing. */
const connection = (options: HttpOptions, base: string, asked: ChangesOptions, from: Position | undefined) =>
  Stream.unwrap(
    Effect.tryPromise({
      try: async (signal) => {
        const token = await tokenOf(options.token)
        const response = await (options.fetch ?? globalThis.fetch)(`${base}/api/changes${queryOf(asked)}`, {
          headers: {
            accept: "application/x-ndjson",
            ...(token === undefined ? undefined : { authorization: `Bearer ${token}` }),
            ...(from === undefined ? undefined : { "last-event-id": `${from.seq}.${from.part}` })
          },
          redirect: "error",
          signal
        })
        if (response.ok && response.body !== null) return linesOf(response.body, base)
        throw refusalOf(response.status, await response.text())
      },
      catch: (cause) => (isPorticoError(cause) ? cause : lost(base, cause))
    })
  )

const linesOf = (body: ReadableStream<Uint8Array>, base: string): Stream.Stream<Change, PorticoError> =>
  Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => lost(base, cause) }).pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.filter((line) => line.trim() !== ""),
    Stream.mapEffect((line) => itemOf(line, base)),
    // Changes have no end: where there is none any more, something was cut.
    Stream.concat(Stream.fail(lost(base, "the stream ended")))
  )

const itemOf = (line: string, base: string): Effect.Effect<Change, PorticoError> => {
  // Boundary: a line as the instance writes it; one that was cut is no JSON.
  const parsed = parse(line) as { readonly item?: Change; readonly error?: unknown } | undefined
  if (parsed?.item !== undefined) return Effect.succeed(parsed.item)
  return Effect.fail(
    parsed?.error === undefined ? lost(base, "the stream was cut") : PorticoError.fromJson(parsed.error)
  )
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * Changes over however many connections it takes. The first one has to succeed; whatever is lost afterwards is taken up
 * again behind the last change that arrived, or, where none did, from where it was asked for.
 */
export const changesOver = (
  options: HttpOptions,
  base: string,
  asked: ChangesOptions
): Stream.Stream<Change, PorticoError> =>
  Stream.suspend(() => {
    let at: Position | undefined
    let failures = 0
    const go = (): Stream.Stream<Change, PorticoError> =>
      connection(options, base, asked, at).pipe(
        Stream.tap((change) =>
          Effect.sync(() => {
            at = { seq: change.seq, part: change.part }
            failures = 0
          })
        ),
        Stream.catch((error) => {
          // Without a place to go on from, changes in between would be missed in silence.
          if (error.code !== "UNAVAILABLE" || (at === undefined && asked.since === undefined)) return Stream.fail(error)
          const wait = Math.min(250 * 2 ** failures++, longestWait)
          return Stream.unwrap(Effect.as(Effect.sleep(wait), Stream.suspend(go)))
        })
      )
    return go()
  })
