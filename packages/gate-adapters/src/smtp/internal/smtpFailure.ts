import { MailError, type MailReason } from "@portico/gate/contracts"

/** What the library says of a failure. */
interface Reported {
  readonly code?: unknown
  readonly responseCode?: unknown
}

const isReported = (failure: unknown): failure is Reported => typeof failure === "object" && failure !== null

// The library's codes for a login that failed, one that there is nothing for, and a connection that is not safe.
const misconfigured: ReadonlyMap<unknown, string> = new Map([
  ["EAUTH", "The mail server does not accept the user and password"],
  ["ENOAUTH", "The mail server needs a user and a password"],
  ["EOAUTH2", "The mail server does not accept the user and password"],
  ["ECONFIG", "The settings of the mail server do not fit together"],
  ["ETLS", "The mail server cannot be spoken to in secret"]
])

// Node's codes for certificates that do not prove what they should.
const badCertificate =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+|CERT_[A-Z_]+|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|CRL_[A-Z_]+)$/

const certificateProblem = (failure: unknown): string | undefined => {
  if (!isReported(failure)) return undefined
  const { cause, originalCode } = failure as { readonly cause?: unknown; readonly originalCode?: unknown }
  const code = [failure.code, originalCode].find((each) => typeof each === "string" && badCertificate.test(each))
  return typeof code === "string" ? code : cause === undefined ? undefined : certificateProblem(cause)
}

/**
 * Why a message was not taken, from what the library failed with. The message tells the server's numbers and none of its
 * words, which may hold addresses: those are in the cause.
 */
export const smtpFailure = (cause: unknown): MailError => {
  const fail = (reason: MailReason, message: string) => new MailError({ reason, message: `${message}.`, cause })
  if (!isReported(cause)) return fail("Unavailable", "The mail server cannot be reached")
  const certificate = certificateProblem(cause)
  if (certificate !== undefined) {
    return fail("Misconfigured", `The mail server's certificate does not prove who it is (${certificate})`)
  }
  const { responseCode } = cause
  const status = typeof responseCode === "number" ? responseCode : undefined
  const answered = status === undefined ? "" : ` (${status})`
  // RFC 4954, section 6: 454 is a failure that passes.
  const passes = status !== undefined && status >= 400 && status < 500
  if (passes || status === 503) return fail("Unavailable", `The mail server does not take the message now${answered}`)
  const setting = misconfigured.get(cause.code)
  if (setting !== undefined) return fail("Misconfigured", `${setting}${answered}`)
  // RFC 5321, section 4.2.1: 5yz is for good. 530 asks for a login or for TLS first (RFC 4954, RFC 3207).
  if (status === 530) return fail("Misconfigured", `The mail server wants a login or TLS first${answered}`)
  if (status !== undefined && status >= 500) return fail("Refused", `The mail server refuses the message${answered}`)
  return fail("Unavailable", "The mail server cannot be reached, or does not answer in time")
}
