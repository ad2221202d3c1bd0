import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import type { CryptoKey, JWTHeaderParameters } from "jose"
import { type ForeignKeySet, importForeignKeySet } from "./foreignKeySet.ts"

/** Longest JWK Set, in bytes. */
const largest = 262_144
/** Times in milliseconds: for one request, between two of them, until a set is asked for again, until it is given up. */
const patience = 5_000
const coolDown = 60_000
const fresh = 600_000
const keepLast = 86_400_000
/** Sets that are remembered. */
const remembered = 1_000

/** Fetches key sets of others, as seldom as can be. */
export interface ForeignKeys {
  /** The key that should have signed a token. Fails with why there is none, in words for the audit log. */
  readonly keyFor: (url: string, header: Pick<JWTHeaderParameters, "alg" | "kid">) => Effect.Effect<CryptoKey, string>
}

interface Known {
  readonly turn: Semaphore.Semaphore
  set: ForeignKeySet | undefined
  fetchedAt: number
  triedAt: number
}

/** Whether keys may be fetched from there: with TLS, or on this machine. */
export const isKeySetUrl = (text: string): boolean => {
  try {
    const { hostname, protocol, username } = new URL(text)
    return (
      username === "" &&
      (protocol === "https:" || (protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)))
    )
  } catch {
    return false
  }
}

/** `fetch` is the platform's, or a fake. */
export const makeForeignKeys = (fetch: typeof globalThis.fetch): ForeignKeys => {
  const sets = new Map<string, Known>()

  const knownOf = (url: string): Known => {
    const before = sets.get(url)
    if (before !== undefined) return before
    const made: Known = {
      turn: Semaphore.makeUnsafe(1),
      set: undefined,
      fetchedAt: Number.NEGATIVE_INFINITY,
      triedAt: Number.NEGATIVE_INFINITY
    }
    sets.set(url, made)
    const oldest = sets.size > remembered ? sets.keys().next() : undefined
    if (oldest?.done === false) sets.delete(oldest.value)
    return made
  }

  /** One request at a time, and none before the last one has cooled down, whoever asks for whatever. */
  const refresh = (url: string, known: Known) =>
    known.turn.withPermit(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - known.triedAt < coolDown) return
        known.triedAt = now
        const got = yield* Effect.result(download(fetch, url))
        if (Result.isSuccess(got)) {
          known.set = got.success
          known.fetchedAt = now
          return
        }
        yield* Effect.logWarning(`The keys at ${url} could not be used: ${got.failure}.`)
        if (now - known.fetchedAt >= keepLast) known.set = undefined
      })
    )

  return {
    keyFor: (url, header) =>
      Effect.gen(function* () {
        const known = knownOf(url)
        const now = yield* Clock.currentTimeMillis
        if (known.set === undefined || now - known.fetchedAt >= fresh) yield* refresh(url, known)
        const first = known.set?.find(header)
        if (first !== undefined) return first
        yield* refresh(url, known)
        const found = known.set?.find(header)
        return (
          found ?? (yield* Effect.fail(known.set === undefined ? "its issuer's keys are not to be had" : "unknown key"))
        )
      })
  }
}

const download = (fetch: typeof globalThis.fetch, url: string): Effect.Effect<ForeignKeySet, string> =>
  Effect.tryPromise({
    try: (signal) => read(fetch, url, signal),
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
  }).pipe(
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail("no answer in time") }),
    Effect.flatMap((json) => Effect.promise(() => importForeignKeySet(json))),
    Effect.flatMap((set) => (Result.isSuccess(set) ? Effect.succeed(set.success) : Effect.fail(set.failure)))
  )

const read = async (fetch: typeof globalThis.fetch, url: string, signal: AbortSignal): Promise<unknown> => {
  const answer = await fetch(url, {
    signal,
    redirect: "error",
    credentials: "omit",
    headers: { accept: "application/jwk-set+json, application/json" }
  })
  if (answer.status !== 200 || answer.body === null) throw new Error(`answered with ${answer.status}`)
  const chunks: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of answer.body) {
    length += chunk.byteLength
    if (length > largest) throw new Error(`longer than ${largest} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)))
}
