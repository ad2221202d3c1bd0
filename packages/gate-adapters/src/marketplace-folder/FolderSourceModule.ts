import { Gateway } from "@portico/gate"
import { MarketplaceSources } from "@portico/gate/marketplace"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as FolderSource from "./FolderSource.ts"

const { setting } = Gateway

const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

/** Settings of {@link FolderSourceModule}; their keys start with `marketplace-folder.`. */
export const FolderSourceConfig = Schema.Struct({
  folder: setting(withDefault(Schema.NonEmptyString, "./marketplace"), {
    env: "PORTICO_MARKETPLACE_FOLDER",
    description: "Folder whose marketplace.json lists domains that can be installed."
  }),
  title: setting(withDefault(Schema.NonEmptyString, "Local folder"), {
    env: "PORTICO_MARKETPLACE_FOLDER_TITLE",
    description: "What the folder is called among the sources."
  })
})

/**
 * Contributes a folder to the sources of the marketplace, under the id `folder`. It need not be there when the product
 * starts: searches say then that it is not.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { Marketplace } from "@portico/gate/marketplace"
 * import { FolderSourceModule } from "@portico/gate-adapters/marketplace-folder"
 *
 * const MarketplaceModule = Gateway.module.define({
 *   id: "marketplace",
 *   displayName: "Marketplace",
 *   provides: [Marketplace],
 *   layer: Marketplace.layer
 * })
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [MarketplaceModule, FolderSourceModule]
 * })
 * ```
 */
export const FolderSourceModule = Gateway.module.define({
  id: "marketplace-folder",
  displayName: "Marketplace (folder)",
  description: "Offers the domains in a folder.",
  version: "0.1.0",
  config: FolderSourceConfig,
  contributes: [
    MarketplaceSources.effect(
      Effect.gen(function* () {
        const { folder, title } = yield* Gateway.config(FolderSourceConfig)
        const path = yield* Path.Path
        return yield* FolderSource.make({ folder: path.resolve(folder), title })
      })
    )
  ]
})
