import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { Extensions } from "../ExtensionPoint.ts"
import { frameworkPoint } from "../internal/frameworkPoint.ts"
import { ofSources } from "../internal/marketplace/ofSources.ts"
import type { MarketplaceService, MarketplaceSource } from "./MarketplaceSource.ts"

/** Contributes a source: `MarketplaceSources.of(source)`, or `.effect(make)` with the services of the module. */
export const MarketplaceSources = frameworkPoint<MarketplaceSource>("gate.marketplace-sources", {
  description: "Places with domains that can be installed.",
  identityOf: ({ id }) => id
})

/**
 * What can be installed, from all sources that modules contribute.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Marketplace } from "@portico/gate/marketplace"
 * import { FakeMarketplace } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const { fetch, search } = yield* Marketplace
 *   const { entries } = yield* search({ text: "contacts" })
 *   const [{ latest = "", name, source } = assert.fail()] = entries
 *   const { artifact, bytes } = yield* fetch({ source, name, version: latest })
 *   assert.equal(bytes.length, artifact.size)
 * })
 *
 * await Effect.runPromise(Effect.provide(program, FakeMarketplace.layer))
 * ```
 */
export class Marketplace extends Context.Service<Marketplace, MarketplaceService>()(
  "@portico/gate/marketplace/Marketplace"
) {
  /** Over some sources. They are read anew on each use. */
  static readonly ofSources: (current: () => ReadonlyArray<MarketplaceSource>) => MarketplaceService = (current) =>
    ofSources(current)

  /** Over all that the modules of a product contribute to {@link MarketplaceSources}: the layer of a module. */
  static readonly layer: Layer.Layer<Marketplace, never, Extensions> = Layer.effect(
    Marketplace,
    Extensions.useSync((extensions) => {
      const sources = extensions.ref(MarketplaceSources)
      return ofSources(() => sources.current.map(({ value }) => value))
    })
  )
}
