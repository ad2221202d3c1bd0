import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Marketplace } from "../../../contracts/Marketplace.ts"
import { MarketplaceError, type MarketplaceSource } from "../../../contracts/MarketplaceSource.ts"
import { type SampleEntry, sampleCatalogue } from "./sampleCatalogue.ts"

const makeFakeSource = (catalogue: ReadonlyArray<SampleEntry>, id = "fake"): MarketplaceSource => ({
  id,
  title: "Fake",
  entries: Effect.succeed(
    catalogue.map((entry) => ({
      ...entry,
      versions: entry.versions.map(({ bytes, digest, requires = {}, version, yanked = false }) => ({
        version,
        artifact: { digest, size: bytes.length },
        requires,
        yanked
      }))
    }))
  ),
  fetch: ({ name }, { version }) => {
    const versions = catalogue.find((entry) => entry.name === name)?.versions
    const found = versions?.find((each) => each.version === version)
    return found === undefined
      ? Effect.fail(new MarketplaceError({ reason: "NotFound", message: "There is no such package." }))
      : Effect.succeed(found.bytes)
  }
})

export const FakeMarketplace = {
  /**
   * A source in memory, to be contributed to `MarketplaceSources` or given to `Marketplace.ofSources`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { Marketplace } from "@portico/gate/marketplace"
   * import { FakeMarketplace, sampleCatalogue } from "@portico/gate/testing"
   * import * as Effect from "effect/Effect"
   *
   * const marketplace = Marketplace.ofSources(() => [FakeMarketplace.source(sampleCatalogue)])
   * const { latest } = await Effect.runPromise(marketplace.entry({ source: "fake", name: "crm.example.dev" }))
   * assert.equal(latest, "1.10.0")
   * ```
   */
  source: makeFakeSource,
  /** A `Marketplace` with `sampleCatalogue`. */
  layer: Layer.sync(Marketplace, () => Marketplace.ofSources(() => [makeFakeSource(sampleCatalogue)]))
} as const
