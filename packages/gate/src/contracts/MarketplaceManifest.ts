import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SemVer from "effect/SemVer"
import * as SemVerRange from "effect/SemVerRange"

/** Bytes that a package may have, and a manifest. */
export const marketplaceLimits = { artifact: 67_108_864, manifest: 4_194_304 } as const

const matching = (pattern: RegExp, expected: string) =>
  Schema.String.check(Schema.makeFilter((text) => pattern.test(text), { expected }))

const Name = matching(
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/,
  "a domain's name such as crm.example.dev"
)
const Version = Schema.String.check(
  Schema.makeFilter((text) => Result.isSuccess(SemVer.parse(text)), { expected: "a version such as 1.2.0" })
)
const Range = Schema.String.check(
  Schema.makeFilter((text) => Result.isSuccess(SemVerRange.parse(text)), { expected: "a range such as ^1.2.0" })
)
const Digest = matching(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hexadecimal digits in lower case")
// Beside `..` this leaves out what other systems take for another place: drives, backslashes, control characters.
const ArtifactPath = matching(
  /^(?=.{1,500}$)(?:(?!\.{1,2}\/)[A-Za-z0-9._@+-]+\/)*(?!\.{1,2}$)[A-Za-z0-9._@+-]+$/,
  "a path below the manifest, such as crm/1.2.0.tgz"
)
const Size = Schema.Int.check(
  Schema.makeFilter((size) => size >= 0 && size <= marketplaceLimits.artifact, { expected: "at most 64 MiB" })
)
const Line = matching(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u, "one line of 1 to 200 characters")
const Tag = matching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "a tag of lower case letters, digits and dashes")
const Interface = matching(
  /^[a-z0-9.-]+:interface\.[A-Za-z0-9_]+$/,
  "an interface such as crm.example.dev:interface.Contact"
)

const Listed = Schema.Struct({
  version: Version,
  artifact: Schema.Struct({ path: ArtifactPath, digest: Digest, size: Size }),
  /** Ranges of versions by the name of what has to be installed as well. */
  requires: Schema.optionalKey(Schema.Record(Name, Range)),
  /** `true`: nobody should begin to use it. */
  yanked: Schema.optionalKey(Schema.Boolean)
})

const Entry = Schema.Struct({
  name: Name,
  title: Line,
  description: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000))),
  tags: Schema.optionalKey(Schema.Array(Tag)),
  interfaces: Schema.optionalKey(Schema.Array(Interface)),
  versions: Schema.Array(Listed)
})

/** What a source publishes as `marketplace.json`. */
export const MarketplaceManifest = Schema.Struct({
  manifest: Schema.Literal(1),
  title: Line,
  entries: Schema.Array(Entry)
})
export type MarketplaceManifest = typeof MarketplaceManifest.Type

const decode = Schema.decodeUnknownResult(MarketplaceManifest, { onExcessProperty: "error" })

/** The place as one writes it, for example `entries[0].versions[1].artifact.digest`. */
const inPlace = (message: string): string =>
  message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ")
    .replaceAll(
      /at (\[[^\n]*?\])(?= |$)/g,
      (_, path: string) => `at ${path.replaceAll(/\["([^"]+)"\]/g, ".$1").replace(/^\./, "")}`
    )

const twice = (names: ReadonlyArray<string>): number => names.findIndex((name, index) => names.indexOf(name) !== index)

/** Reads a `marketplace.json`. What is wrong is said with its place. */
export const parseMarketplaceManifest = (text: string): Result.Result<MarketplaceManifest, string> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    return Result.fail(`not JSON: ${cause instanceof Error ? cause.message : "unreadable"}`)
  }
  const decoded = decode(json)
  if (Result.isFailure(decoded)) return Result.fail(inPlace(decoded.failure.message))
  const { entries } = decoded.success
  const again = twice(entries.map(({ name }) => name))
  if (again >= 0) return Result.fail(`${entries[again]?.name} is there twice at entries[${again}].name`)
  for (const [index, { versions }] of entries.entries()) {
    const same = twice(versions.map(({ version }) => version))
    if (same >= 0) {
      return Result.fail(`${versions[same]?.version} is there twice at entries[${index}].versions[${same}].version`)
    }
  }
  return Result.succeed(decoded.success)
}
