/** Where a request came from, as far as it can be known. */
export interface Origin {
  /** Address of the client, as gate's trust in proxies has it. */
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
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
