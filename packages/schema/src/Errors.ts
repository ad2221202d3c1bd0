/**
 * The one catalogue of errors: codes, HTTP status, meaning and advice on retrying.
 * Every failure of the kernel, its modules and its transports is one of these.
 */
import * as Data from "effect/Data"
import { type ErrorCode, type ErrorEntry, errorCatalogue } from "./internal/errorCatalogue.ts"

export { type ErrorCode, type ErrorEntry, errorCatalogue, type Retry } from "./internal/errorCatalogue.ts"

/** The shape of an error on the wire, the same on every transport. */
export interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** One issue of an `INVALID_PARAMS`: where (keys and indexes from the root), what kind, and a sentence. */
export interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly code: string
  readonly message: string
}

const brand = "~portico/PorticoError"

/**
 * An error of one known code. Yieldable: `yield* PorticoError.make(…)` fails the Effect with it,
 * and `Effect.catchTag("NOT_FOUND", …)` catches it by its code.
 */
class PorticoErrorOf<out C extends ErrorCode> extends Data.Error<{ readonly message: string }> {
  readonly [brand] = true
  readonly _tag: C
  readonly code: C
  readonly details: Readonly<Record<string, unknown>> | undefined

  private constructor(code: C, message: string, details: Readonly<Record<string, unknown>> | undefined) {
    super({ message })
    this._tag = code
    this.code = code
    this.details = details
  }

  /**
   * @example
   * ```ts
   * import { PorticoError } from "@portico/schema"
   *
   * const error = PorticoError.make("NOT_FOUND", "/x does not exist", { path: "/x" })
   * console.log(error.status, JSON.stringify(error)) // 404 {"code":"NOT_FOUND",…}
   * ```
   */
  static make<const C extends ErrorCode>(
    code: C,
    message: string,
    details?: Readonly<Record<string, unknown>>
  ): PorticoErrorOf<C> {
    return new PorticoErrorOf(code, message, details)
  }

  /**
   * Reads an error from the wire. What does not name a code of this catalogue becomes `INTERNAL`,
   * with the code that was received in `details.code`.
   */
  static fromJson(input: unknown): PorticoError {
    const json = typeof input === "object" && input !== null ? (input as Readonly<Record<string, unknown>>) : {}
    const message = typeof json.message === "string" ? json.message : "the answer was not an error of this protocol"
    const details = isRecord(json.details) ? json.details : undefined
    if (isErrorCode(json.code)) return distribute(new PorticoErrorOf(json.code, message, details))
    const unknownCode = typeof json.code === "string" ? { ...details, code: json.code } : details
    return new PorticoErrorOf("INTERNAL", message, unknownCode)
  }

  /** The HTTP status of this code. */
  get status(): number {
    return errorCatalogue[this.code].status
  }

  override get name(): string {
    return "PorticoError"
  }

  override toString(): string {
    return `${this.code}: ${this.message}`
  }

  override toJSON(): ErrorJson {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details }
  }
}

/**
 * An error of the catalogue. Without an argument it is the union over all codes, which is what an
 * Effect's error channel wants: `catchTag("NOT_FOUND", …)` then takes that one code out of it.
 */
export type PorticoError<C extends ErrorCode = ErrorCode> = C extends ErrorCode ? PorticoErrorOf<C> : never
export const PorticoError = PorticoErrorOf

/** True for a string that names a code of the catalogue. */
export const isErrorCode = (u: unknown): u is ErrorCode => typeof u === "string" && Object.hasOwn(errorCatalogue, u)

/** True for an error of the catalogue, also one that another copy of this package made. */
export const isPorticoError = (u: unknown): u is PorticoError =>
  typeof u === "object" && u !== null && brand in u && "code" in u && isErrorCode(u.code)

/** The status, meaning and retry advice of a code. */
export const entryOf = (code: ErrorCode): ErrorEntry => errorCatalogue[code]

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

// Boundary: a class over a union of codes *is* the union of classes over each code, which TypeScript cannot see.
const distribute = (error: PorticoErrorOf<ErrorCode>): PorticoError => error as PorticoError

const isCode =
  <const C extends ErrorCode>(code: C) =>
  (u: unknown): u is PorticoErrorOf<C> =>
    isPorticoError(u) && u.code === code

export const isInvalidParams = isCode("INVALID_PARAMS")
export const isInvalidPath = isCode("INVALID_PATH")
export const isInvalidBody = isCode("INVALID_BODY")
export const isMethodIsStatic = isCode("METHOD_IS_STATIC")
export const isMethodIsInstance = isCode("METHOD_IS_INSTANCE")
export const isCursorInvalid = isCode("CURSOR_INVALID")
export const isConstraintViolated = isCode("CONSTRAINT_VIOLATED")
export const isUnauthenticated = isCode("UNAUTHENTICATED")
export const isPermissionDenied = isCode("PERMISSION_DENIED")
export const isNotFound = isCode("NOT_FOUND")
export const isClassNotFound = isCode("CLASS_NOT_FOUND")
export const isMethodNotFound = isCode("METHOD_NOT_FOUND")
export const isMethodNotAllowed = isCode("METHOD_NOT_ALLOWED")
export const isChangesExpired = isCode("CHANGES_EXPIRED")
export const isPathConflict = isCode("PATH_CONFLICT")
export const isRevConflict = isCode("REV_CONFLICT")
export const isNotEmpty = isCode("NOT_EMPTY")
export const isCycle = isCode("CYCLE")
export const isSchemaConflict = isCode("SCHEMA_CONFLICT")
export const isSchemaInUse = isCode("SCHEMA_IN_USE")
export const isContractMismatch = isCode("CONTRACT_MISMATCH")
export const isKeyChanged = isCode("KEY_CHANGED")
export const isInProgress = isCode("IN_PROGRESS")
export const isInstallInProgress = isCode("INSTALL_IN_PROGRESS")
export const isPayloadTooLarge = isCode("PAYLOAD_TOO_LARGE")
export const isLimitExceeded = isCode("LIMIT_EXCEEDED")
export const isUnsupportedMediaType = isCode("UNSUPPORTED_MEDIA_TYPE")
export const isWrongHost = isCode("WRONG_HOST")
export const isIdempotencyMismatch = isCode("IDEMPOTENCY_MISMATCH")
export const isRateLimited = isCode("RATE_LIMITED")
export const isCancelled = isCode("CANCELLED")
export const isInternal = isCode("INTERNAL")
export const isNotImplemented = isCode("NOT_IMPLEMENTED")
export const isDispatchFailed = isCode("DISPATCH_FAILED")
export const isFetchBlocked = isCode("FETCH_BLOCKED")
export const isUnavailable = isCode("UNAVAILABLE")
export const isTimeout = isCode("TIMEOUT")
export const isStorageFull = isCode("STORAGE_FULL")
