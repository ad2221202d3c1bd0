/**
 * What the command's exit code says. Scripts rely on it; it does not change.
 */
export const ExitCode = {
  ok: 0,
  /** The operation failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No credential, or one that the instance does not accept. */
  notSignedIn: 3,
  notPermitted: 4,
  notFound: 5,
  conflict: 6,
  /** Nobody answers, or not now. */
  unavailable: 7,
  /** Interrupted from the keyboard (128 + SIGINT). */
  interrupted: 130
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

const byStatus: Readonly<Record<number, ExitCode>> = {
  401: ExitCode.notSignedIn,
  403: ExitCode.notPermitted,
  404: ExitCode.notFound,
  409: ExitCode.conflict,
  410: ExitCode.notFound,
  412: ExitCode.conflict,
  422: ExitCode.conflict,
  429: ExitCode.unavailable,
  502: ExitCode.unavailable,
  503: ExitCode.unavailable,
  504: ExitCode.unavailable
}

/**
 * The exit code for an error of an instance, by its HTTP status.
 *
 * `FETCH_BLOCKED` shares 502 with `DISPATCH_FAILED`, but trying again never
 * helps: it is a plain failure.
 *
 * @example
 * ```ts
 * import { exitCodeOf } from "./ExitCode.ts"
 *
 * console.log(exitCodeOf({ code: "NOT_FOUND", status: 404 })) // 5
 * ```
 */
export const exitCodeOf = (error: { readonly code: string; readonly status: number }): ExitCode =>
  error.code === "FETCH_BLOCKED" ? ExitCode.failed : (byStatus[error.status] ?? ExitCode.failed)
