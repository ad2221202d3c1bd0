import * as NodeHttpPlatform from "@effect/platform-node/NodeHttpPlatform"
import * as Effect from "effect/Effect"
import { type Compression, HttpPlatform } from "effect/http/HttpPlatform"

/** Packs in Node's thread pool, so that other requests go on; of a stream it sends each chunk on at once. */
export const nodeCompression: Effect.Effect<Compression> = HttpPlatform.useSync(({ compression }) => compression).pipe(
  Effect.provide(NodeHttpPlatform.layer)
)
