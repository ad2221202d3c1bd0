import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/** A package: never changes once it is published, since its digest is its name. */
export interface MarketplaceArtifact {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** A version of something that can be installed. */
export interface MarketplaceVersion {
  /** A semantic version. */
  readonly version: string
  readonly artifact: MarketplaceArtifact
  /** Ranges of versions by the name of what has to be installed as well. */
  readonly requires: Readonly<Record<string, string>>
  /** Nobody should begin to use it. Who pinned it can still get it. */
  readonly yanked: boolean
}

/** Something that can be installed. That it is here says nothing of whether it is. */
export interface MarketplaceEntry {
  /** Id of the source that has it. */
  readonly source: string
  /** A domain's origin, such as `crm.example.dev`. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly tags: ReadonlyArray<string>
  /** Interfaces that its classes implement, such as `crm.example.dev:interface.Contact`. */
  readonly interfaces: ReadonlyArray<string>
  /** The highest version that is neither yanked nor a pre-release, or else the highest that is not yanked. */
  readonly latest: string | undefined
}

/** What is looked for. All that is said must hold. */
export interface MarketplaceSearch {
  /** Words that the name, title, description or tags contain, in any case. */
  readonly text?: string | undefined
  readonly tags?: ReadonlyArray<string> | undefined
  /** Only what implements all of them. */
  readonly interfaces?: ReadonlyArray<string> | undefined
  /** Id of a source. */
  readonly source?: string | undefined
  /** 1 to 200; default 50. */
  readonly limit?: number | undefined
}

/** Names a version for good. */
export interface MarketplaceAddress {
  readonly source: string
  readonly name: string
  readonly version: string
}

/**
 * Why a marketplace did not give what it was asked for.
 *
 * - `Invalid`: the question is malformed.
 * - `NotFound`: there is no such source, entry or version.
 * - `Damaged`: what a source publishes cannot be read, or a package is not what its digest says. Asking again does not
 *   help; whoever publishes it has to act.
 * - `Unavailable`: the source does not answer. Retrying later may help.
 */
export type MarketplaceReason = "Invalid" | "NotFound" | "Damaged" | "Unavailable"

const answers = {
  Invalid: { code: "INVALID_PARAMS", status: 400 },
  NotFound: { code: "NOT_FOUND", status: 404 },
  Damaged: { code: "INTERNAL", status: 500 },
  Unavailable: { code: "UNAVAILABLE", status: 503 }
} as const satisfies Record<MarketplaceReason, { readonly code: string; readonly status: number }>

/** A marketplace did not give what it was asked for. */
export class MarketplaceError extends Data.TaggedError("MarketplaceError")<{
  readonly reason: MarketplaceReason
  readonly message: string
  readonly cause?: unknown
}> {
  get code(): "INVALID_PARAMS" | "NOT_FOUND" | "INTERNAL" | "UNAVAILABLE" {
    return answers[this.reason].code
  }
  get status(): 400 | 404 | 500 | 503 {
    return answers[this.reason].status
  }
}

/** What a source has of one name. */
export interface SourceEntry extends Omit<MarketplaceEntry, "source" | "latest"> {
  /** In any order. */
  readonly versions: ReadonlyArray<MarketplaceVersion>
}

/** A place with things that can be installed: a folder, a registry, a pinned state of a repository. */
export interface MarketplaceSource {
  /** Lower case words joined by `-`; no two sources have one. */
  readonly id: string
  readonly title: string
  /** All that it has, now. */
  readonly entries: Effect.Effect<ReadonlyArray<SourceEntry>, MarketplaceError>
  /** The bytes of a package of one of its entries. Whoever asks verifies them. */
  readonly fetch: (entry: SourceEntry, version: MarketplaceVersion) => Effect.Effect<Uint8Array, MarketplaceError>
}

/** The interface behind `Marketplace`. */
export interface MarketplaceService {
  readonly sources: Effect.Effect<ReadonlyArray<{ readonly id: string; readonly title: string }>>
  /** By name, then by source; and why sources that could not be asked have nothing here. */
  readonly search: (search: MarketplaceSearch) => Effect.Effect<
    {
      readonly entries: ReadonlyArray<MarketplaceEntry>
      readonly problems: ReadonlyArray<{ readonly source: string; readonly error: MarketplaceError }>
    },
    MarketplaceError
  >
  readonly entry: (
    address: Pick<MarketplaceAddress, "source" | "name">
  ) => Effect.Effect<MarketplaceEntry, MarketplaceError>
  /** The highest first, yanked ones included. */
  readonly versions: (
    address: Pick<MarketplaceAddress, "source" | "name">
  ) => Effect.Effect<ReadonlyArray<MarketplaceVersion>, MarketplaceError>
  /** A package that is what its digest says. */
  readonly fetch: (
    address: MarketplaceAddress
  ) => Effect.Effect<{ readonly artifact: MarketplaceArtifact; readonly bytes: Uint8Array }, MarketplaceError>
}
