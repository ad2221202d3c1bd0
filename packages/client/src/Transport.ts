import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/** What is called: the body of `POST /api/call`, and what it reads. */
export interface CallRequest {
  /** Any address of a callable: `/:crm.example.dev:class.Contact:createContact`, `/contacts/ada::get`. */
  readonly path: string
  /** JSON, as the callable's contract wants it. */
  readonly params?: unknown
  /** Address of the node to call on, where `path` names an instance method without one. */
  readonly self?: string
  /** What a callable reads whose input is no value: items as JSON, or bytes where there is an `inputType`. */
  readonly input?: Stream.Stream<unknown, unknown>
  /** Media type of the bytes in `input`: of a file, or of lines of JSON, which are items. */
  readonly inputType?: string
}

/** A result as JSON, and the commit number of the store that it was computed at. */
export interface CallAnswer {
  /** Where there is an `output`, a stream. */
  readonly result: unknown
  /** 0 for a stream of which the transport is not told. */
  readonly seq: number
  /** What the callable gives, if not a value. */
  readonly output?: "stream" | "binary"
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

/** What a transport is told beyond a call, among it what the caller means to get. */
export interface TransportOptions extends SendOptions {
  /** Absent for a value. */
  readonly output?: "stream" | "binary"
}

/**
 * Carries calls to a kernel and answers back. Interrupting the effect gives the call up. Every failure is an error of
 * the catalogue.
 */
export type Transport = (request: CallRequest, options?: TransportOptions) => Effect.Effect<CallAnswer, PorticoError>
