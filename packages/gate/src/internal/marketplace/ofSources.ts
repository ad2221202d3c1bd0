import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as SemVer from "effect/SemVer"
import { marketplaceLimits } from "../../contracts/MarketplaceManifest.ts"
import {
  type MarketplaceEntry,
  MarketplaceError,
  type MarketplaceSearch,
  type MarketplaceService,
  type MarketplaceSource,
  type MarketplaceVersion,
  type SourceEntry
} from "../../contracts/MarketplaceSource.ts"

const fail = (reason: MarketplaceError["reason"], message: string, cause?: unknown) =>
  Effect.fail(new MarketplaceError({ reason, message, cause }))

/** The highest first; what is no version comes last. */
const sorted = (versions: ReadonlyArray<MarketplaceVersion>): ReadonlyArray<MarketplaceVersion> => {
  const ranked = versions.map((version) => ({ version, rank: SemVer.parse(version.version) }))
  return ranked
    .toSorted((a, b) => {
      if (Result.isFailure(a.rank) || Result.isFailure(b.rank))
        return Number(Result.isFailure(a.rank)) - Number(Result.isFailure(b.rank))
      return SemVer.Order(b.rank.success, a.rank.success)
    })
    .map(({ version }) => version)
}

const isFinal = ({ version }: MarketplaceVersion): boolean => {
  const parsed = SemVer.parse(version)
  return Result.isSuccess(parsed) && !SemVer.isPrerelease(parsed.success)
}

const entryOf = (source: string, { versions, ...entry }: SourceEntry): MarketplaceEntry => {
  const offered = sorted(versions).filter(({ yanked }) => !yanked)
  return { source, ...entry, latest: (offered.find(isFinal) ?? offered[0])?.version }
}

const matches = ({ interfaces = [], tags = [], text = "" }: MarketplaceSearch, entry: MarketplaceEntry): boolean => {
  const said = [entry.name, entry.title, entry.description, ...entry.tags].join("\n").toLowerCase()
  const words = text.toLowerCase().split(/\s+/)
  return (
    entry.latest !== undefined &&
    words.every((word) => said.includes(word)) &&
    tags.every((tag) => entry.tags.includes(tag)) &&
    interfaces.every((name) => entry.interfaces.includes(name))
  )
}

const byPlace = Order.combine(
  Order.mapInput(Order.String, ({ name }: MarketplaceEntry) => name),
  Order.mapInput(Order.String, ({ source }: MarketplaceEntry) => source)
)

/** `sha256:` and the digest of some bytes. */
const digestOf = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.map(
    // A copy: Web Crypto does not take bytes that somebody may share.
    Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(bytes))),
    (digest) => `sha256:${Hex.encode(new Uint8Array(digest))}`
  )

/** A marketplace over some sources: it searches, and believes no package that is not what its digest says. */
export const ofSources = (current: () => ReadonlyArray<MarketplaceSource>): MarketplaceService => {
  const sourceOf = (id: string) =>
    Effect.suspend(() => {
      const source = current().find((each) => each.id === id)
      return source === undefined ? fail("NotFound", `There is no source "${id}".`) : Effect.succeed(source)
    })
  const found = Effect.fnUntraced(function* (address: { readonly source: string; readonly name: string }) {
    const source = yield* sourceOf(address.source)
    const entry = (yield* source.entries).find(({ name }) => name === address.name)
    if (entry === undefined) return yield* fail("NotFound", `The source "${source.id}" has no "${address.name}".`)
    return { source, entry }
  })

  return {
    sources: Effect.sync(() => current().map(({ id, title }) => ({ id, title }))),
    search: Effect.fnUntraced(function* (search) {
      const { limit = 50, text = "" } = search
      if (!Number.isInteger(limit) || limit < 1 || limit > 200)
        return yield* fail("Invalid", "A search gives 1 to 200 entries.")
      if (text.length > 500) return yield* fail("Invalid", "A text to search for has at most 500 characters.")
      const asked = search.source === undefined ? current() : [yield* sourceOf(search.source)]
      const answers = yield* Effect.forEach(
        asked,
        ({ entries, id }) => Effect.map(Effect.result(entries), (answer) => ({ id, answer })),
        { concurrency: 8 }
      )
      const entries = answers.flatMap(({ answer, id }) =>
        Result.isSuccess(answer) ? answer.success.map((entry) => entryOf(id, entry)) : []
      )
      return {
        entries: entries
          .filter((entry) => matches(search, entry))
          .sort(byPlace)
          .slice(0, limit),
        problems: answers.flatMap(({ answer, id }) =>
          Result.isFailure(answer) ? [{ source: id, error: answer.failure }] : []
        )
      }
    }),
    entry: (address) => Effect.map(found(address), ({ entry, source }) => entryOf(source.id, entry)),
    versions: (address) => Effect.map(found(address), ({ entry }) => sorted(entry.versions)),
    fetch: Effect.fnUntraced(function* (address) {
      const { entry, source } = yield* found(address)
      const version = entry.versions.find((each) => each.version === address.version)
      if (version === undefined) {
        return yield* fail(
          "NotFound",
          `The source "${source.id}" has no version ${address.version} of "${entry.name}".`
        )
      }
      const { artifact } = version
      const what = `The package of "${entry.name}" ${version.version} in the source "${source.id}"`
      if (artifact.size > marketplaceLimits.artifact) return yield* fail("Damaged", `${what} is longer than 64 MiB.`)
      const bytes = yield* source.fetch(entry, version)
      if (bytes.length !== artifact.size || (yield* digestOf(bytes)) !== artifact.digest) {
        return yield* fail("Damaged", `${what} is not the one that was published: its digest is another.`)
      }
      return { artifact, bytes }
    })
  }
}
