import * as Schema from "effect/Schema"
import { frameworkPoint } from "./internal/frameworkPoint.ts"

/** A fact that those who write clients of a product want to know, for example a limit or the name of a channel. */
export interface SdkFact {
  /** Unique within its module. */
  readonly name: string
  /** Published as it stands, so it holds no secret. */
  readonly value: Schema.Json
}

/**
 * Contributes a fact to `sdk.json`, which `@portico/gate/generate` writes: `SdkMetadata.of({ name: "max-batch", value: 1000 })`.
 * Only values that are known when the module is declared get there: nothing is started to generate.
 */
export const SdkMetadata = frameworkPoint<SdkFact>("gate.sdk-metadata", {
  description: "Facts for those who write clients; sdk.json has them.",
  schema: Schema.Struct({ name: Schema.String, value: Schema.Json }),
  identityOf: ({ name }) => name,
  uniqueIn: "module"
})
