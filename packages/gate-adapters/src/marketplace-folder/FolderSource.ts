import {
  MarketplaceError,
  type MarketplaceManifest,
  type MarketplaceSource,
  marketplaceLimits,
  parseMarketplaceManifest,
  type SourceEntry
} from "@portico/gate/marketplace"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"

/** A folder with a `marketplace.json`, and what it is called. */
export interface FolderSourceOptions {
  readonly folder: string
  /** Default `folder`. */
  readonly id?: string | undefined
  readonly title?: string | undefined
}

const manifestName = "marketplace.json"

const refuse = (reason: MarketplaceError["reason"], message: string, cause?: unknown) =>
  new MarketplaceError({ reason, message, cause })

const entryOf = ({ description = "", interfaces = [], name, tags = [], title, versions }: Listed): SourceEntry => ({
  name,
  title,
  description,
  tags,
  interfaces,
  versions: versions.map(({ artifact: { digest, size }, requires = {}, version, yanked = false }) => ({
    version,
    artifact: { digest, size },
    requires,
    yanked
  }))
})
type Listed = MarketplaceManifest["entries"][number]

/**
 * A source of what a folder's `marketplace.json` lists. It is read anew on each use, so that whoever writes it sees what
 * came of it. Nothing outside of the folder is ever read, whatever paths and links say.
 */
export const make = Effect.fnUntraced(function* ({ folder, id = "folder", title }: FolderSourceOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  /** Reads a file of the folder that has no more than so many bytes. */
  const read = Effect.fnUntraced(
    function* (name: string, limit: number) {
      const root = yield* fs.realPath(folder)
      const file = yield* fs.realPath(path.join(root, name))
      const within = path.relative(root, file)
      if (within === ".." || within.startsWith(`..${path.sep}`) || path.isAbsolute(within)) {
        return yield* refuse("Damaged", `${path.join(folder, name)} leads out of the folder.`)
      }
      const { size, type } = yield* fs.stat(file)
      if (type !== "File") return yield* refuse("Damaged", `${path.join(folder, name)} is no file.`)
      if (size > BigInt(limit)) {
        return yield* refuse("Damaged", `${path.join(folder, name)} is longer than ${limit} bytes.`)
      }
      return yield* fs.readFile(file)
    },
    (work, name) =>
      Effect.catchTag(work, "PlatformError", (cause) =>
        Effect.fail(
          cause.reason._tag === "NotFound"
            ? refuse("Damaged", `${path.join(folder, name)} is not there.`, cause)
            : refuse("Unavailable", `${path.join(folder, name)} cannot be read: ${cause.message}`, cause)
        )
      )
  )

  const manifest = Effect.gen(function* () {
    const bytes = yield* read(manifestName, marketplaceLimits.manifest)
    const parsed = parseMarketplaceManifest(new TextDecoder().decode(bytes))
    if (Result.isSuccess(parsed)) return parsed.success
    return yield* refuse("Damaged", `${path.join(folder, manifestName)}: ${parsed.failure}`)
  })

  const source: MarketplaceSource = {
    id,
    title: title ?? path.basename(folder),
    entries: Effect.map(manifest, ({ entries }) => entries.map(entryOf)),
    fetch: Effect.fnUntraced(function* ({ name }, { artifact, version }) {
      const { entries } = yield* manifest
      const listed = entries.find((entry) => entry.name === name)?.versions.find((each) => each.version === version)
      if (listed === undefined) return yield* refuse("NotFound", `${folder} has no version ${version} of "${name}".`)
      return yield* read(listed.artifact.path, artifact.size)
    })
  }
  return source
})
