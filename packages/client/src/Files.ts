import type { AnyClass, K, ParamsOf, ResultOf } from "@portico/schema"
import type { Target } from "./Node.ts"

type Narrowed = {
  readonly under?: Target
  readonly class?: AnyClass | string
}

/** What is exported, and how: all that the caller may READ, as JSON lines, unless told. */
export type ExportOptions = Omit<ParamsOf<typeof K.Node.export>, keyof Narrowed> & Narrowed

/** How a file is imported. */
export type ImportOptions = Omit<ParamsOf<typeof K.Node.import>, keyof Narrowed> &
  Narrowed & {
    /** Gives the import up; what it had made by then stays. Effects are interrupted instead. */
    readonly signal?: AbortSignal
    /** Milliseconds after which it fails with `TIMEOUT`; none unless given. */
    readonly timeoutMs?: number
  }

/** What an import came to. */
export type Imported = ResultOf<typeof K.Node.import>

/** What is sent as bytes: all of it, or as it comes, read no faster than the instance takes it. */
export type FileSource =
  | string
  | Uint8Array<ArrayBuffer>
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
