import type { RequestOrigin } from "@portico/gate"

/** Where a request came from, and what was shown with it. */
export interface Origin extends RequestOrigin {
  /** What was shown to be let do it. */
  readonly through?: ShownThing | undefined
}

/** A credential by its kind, for example `api-key`, and its id. Never the secret. */
export interface ShownThing {
  readonly kind: string
  readonly id?: string | undefined
}

/** Something that whoever looks after an instance may have to answer for later. */
export interface AuditEvent {
  /** For example `sign-in`, `sign-in.refused`, `credential.refused`, `api-key.created`, `api-key.revoked`, `setup`. */
  readonly event: string
  /** Node id of the identity that it is about. */
  readonly identity?: string | undefined
  /** Node id of who did it, where that is somebody else. */
  readonly actor?: string | undefined
  readonly from?: Origin | undefined
  /** Plain JSON; never a secret. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** A line of the audit log. */
export interface AuditLine {
  /** Grows with each line. */
  readonly id: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: string
  /** Node ids. */
  readonly identity: string | null
  readonly actor: string | null
  readonly address: string | null
  readonly userAgent: string | null
  readonly through: ShownThing | null
  readonly details: unknown
}

/** Which lines are wanted. */
export interface AuditQuery {
  /** A kind, with all that begin with it and a dot: `sign-in` is `sign-in.refused`, too. */
  readonly event?: string | undefined
  /** Node id of who it is about, or who did it. */
  readonly identity?: string | undefined
  readonly address?: string | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Only lines before that one. */
  readonly before?: number | undefined
  /** At most. */
  readonly limit: number
}
