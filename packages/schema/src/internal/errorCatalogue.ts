/** Whether the same request may be sent again: never, after the caller changed something, or later as it is. */
export type Retry = "never" | "after-change" | "later"

export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number
  readonly meaning: string
  readonly retry: Retry
}

const entry = (status: number, retry: Retry, meaning: string): ErrorEntry => ({ status, meaning, retry })

const catalogue = {
  INVALID_PARAMS: entry(400, "after-change", "the params do not fit the callable's contract; see details.issues"),
  INVALID_PATH: entry(400, "after-change", "the address is not well formed"),
  INVALID_BODY: entry(400, "after-change", "the request body could not be read"),
  METHOD_IS_STATIC: entry(400, "after-change", "a static method was called on a node"),
  METHOD_IS_INSTANCE: entry(400, "after-change", "an instance method was called without a node"),
  CURSOR_INVALID: entry(400, "after-change", "the cursor is forged, stale, or of another call or caller"),
  CONSTRAINT_VIOLATED: entry(400, "after-change", "a constraint that the schema declares would be broken"),
  UNAUTHENTICATED: entry(401, "after-change", "a valid credential is needed"),
  PERMISSION_DENIED: entry(403, "after-change", "the caller lacks a permission; see details.needs and details.on"),
  NOT_FOUND: entry(404, "after-change", "there is nothing that the caller may see at this address"),
  CLASS_NOT_FOUND: entry(404, "after-change", "the class is not installed"),
  METHOD_NOT_FOUND: entry(404, "after-change", "neither the class nor its interfaces have this method"),
  METHOD_NOT_ALLOWED: entry(405, "never", "the route does not take this HTTP method"),
  CHANGES_EXPIRED: entry(410, "after-change", "the changes since this seq are no longer kept; read afresh"),
  PATH_CONFLICT: entry(409, "after-change", "another node has this path or one that looks like it"),
  REV_CONFLICT: entry(409, "after-change", "the node changed since the rev that was given"),
  NOT_EMPTY: entry(409, "after-change", "the node has children and the call was not recursive"),
  CYCLE: entry(409, "after-change", "the change would make a cycle"),
  SCHEMA_CONFLICT: entry(409, "after-change", "the schema contradicts what is installed"),
  SCHEMA_IN_USE: entry(409, "after-change", "nodes or other domains still use what would be removed"),
  CONTRACT_MISMATCH: entry(409, "after-change", "the live contract and the installed one differ"),
  KEY_CHANGED: entry(409, "after-change", "the signing key of this origin is not the pinned one"),
  IN_PROGRESS: entry(409, "later", "a request with this idempotency key is still running"),
  INSTALL_IN_PROGRESS: entry(409, "later", "this origin is being installed or uninstalled"),
  PAYLOAD_TOO_LARGE: entry(413, "after-change", "the body is larger than is allowed"),
  LIMIT_EXCEEDED: entry(413, "after-change", "a limit would be exceeded; see details.limit"),
  UNSUPPORTED_MEDIA_TYPE: entry(415, "after-change", "the content type is not accepted here"),
  WRONG_HOST: entry(421, "never", "this instance does not answer for this host"),
  IDEMPOTENCY_MISMATCH: entry(422, "after-change", "the idempotency key was used with another body"),
  RATE_LIMITED: entry(429, "later", "too many requests"),
  CANCELLED: entry(499, "later", "the caller cancelled the call"),
  INTERNAL: entry(500, "later", "something failed that is no fault of the caller"),
  NOT_IMPLEMENTED: entry(501, "never", "nothing implements this here"),
  DISPATCH_FAILED: entry(502, "later", "the worker of the domain failed or answered nonsense"),
  FETCH_BLOCKED: entry(502, "after-change", "the address may not be fetched from here"),
  UNAVAILABLE: entry(503, "later", "a part that is needed is not ready"),
  TIMEOUT: entry(504, "later", "the call ran past its deadline"),
  STORAGE_FULL: entry(507, "later", "the disk is full")
}

/** Every code of the catalogue. */
export type ErrorCode = keyof typeof catalogue

/** Every code with its HTTP status, meaning and retry advice. */
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = catalogue
