import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"

/** What is called: the body of `POST /api/call`. */
export interface CallRequest {
  /** Any address of a callable: `/:crm.example.dev:class.Contact:createContact`, `/contacts/ada::get`. */
  readonly path: string
  /** JSON, as the callable's contract wants it. */
  readonly params?: unknown
  /** Address of the node to call on, where `path` names an instance method without one. */
  readonly self?: string
}

/** A result as JSON, and the commit number of the store that it was computed at. */
export interface CallAnswer {
  readonly result: unknown
  readonly seq: number
}

/** What a transport may be told about one call, beyond the call itself. */
export interface SendOptions {
  /**
   * Same caller, key and body: same answer for 24 hours, and the work is done once. A transport that cannot keep such
   * a promise ignores it.
   */
  readonly idempotencyKey?: string
  /** Milliseconds after which the call fails with `TIMEOUT`. */
  readonly timeoutMs?: number
}

/**
 * Carries calls to a kernel and answers back. Interrupting the effect gives the call up. Every failure is an error of
 * the catalogue.
 */
export type Transport = (request: CallRequest, options?: SendOptions) => Effect.Effect<CallAnswer, PorticoError>
