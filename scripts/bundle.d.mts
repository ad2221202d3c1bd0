import type { OutputChunk } from "rolldown"

export declare const ensureBundle: () => string
export declare const bundleChunks: () => Promise<ReadonlyArray<OutputChunk>>
