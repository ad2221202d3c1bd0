import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/** A message to people. Who it is from is a setting of the module that sends it. */
export interface Mail {
  /** 1 to 50 addresses such as `ada@example.com`, without names. */
  readonly to: ReadonlyArray<string>
  /** Where answers go, if not to the sender. */
  readonly replyTo?: string | undefined
  /** One line of at most 500 characters. */
  readonly subject: string
  readonly text: string
  /** The same for those whose program shows HTML. */
  readonly html?: string | undefined
}

/**
 * Why a message was not taken.
 *
 * - `InvalidMail`: an address or the subject is malformed. Sending it again does not help.
 * - `Refused`: the other side will not have this message, for example because it knows none of the recipients. Sending it
 *   again does not help.
 * - `Misconfigured`: the other side will not have messages of ours, for example because the password is wrong, or it does
 *   not prove who it is. Nothing helps until an operator changes the settings.
 * - `Unavailable`: nothing takes messages at the moment. Retrying later may help.
 */
export type MailReason = "InvalidMail" | "Refused" | "Misconfigured" | "Unavailable"

const answers = {
  InvalidMail: { code: "INVALID_PARAMS", status: 400 },
  Refused: { code: "INVALID_PARAMS", status: 400 },
  Misconfigured: { code: "UNAVAILABLE", status: 503 },
  Unavailable: { code: "UNAVAILABLE", status: 503 }
} as const satisfies Record<MailReason, { readonly code: string; readonly status: number }>

/** A message that was not taken. */
export class MailError extends Data.TaggedError("MailError")<{
  readonly reason: MailReason
  readonly message: string
  readonly cause?: unknown
}> {
  get code(): "INVALID_PARAMS" | "UNAVAILABLE" {
    return answers[this.reason].code
  }
  get status(): 400 | 503 {
    return answers[this.reason].status
  }
  /** Whether sending the same message later may help, with nothing changed meanwhile. */
  get retryable(): boolean {
    return this.reason === "Unavailable"
  }
}

// RFC 5322, section 3.4.1, without quoted local parts, address literals, and what is not ASCII.
const address =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/

/** Whether `text` is a bare address such as `ada@example.com`. */
export const isMailAddress = (text: string): boolean => text.length <= 254 && address.test(text)

// A line break here would begin a header of the writer's choice.
const isOneLine = (text: string): boolean => !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(text)

/** Why no provider takes `mail`, or `undefined`. The same for all of them, so that one can take another's place. */
export const mailProblem = ({ replyTo, subject, to }: Mail): string | undefined => {
  if (to.length === 0 || to.length > 50) return "A mail goes to 1 to 50 addresses."
  if (!to.every(isMailAddress)) return "A recipient's address is malformed."
  if (replyTo !== undefined && !isMailAddress(replyTo)) return "The address for answers is malformed."
  if (subject === "" || subject.length > 500 || !isOneLine(subject)) {
    return "A subject is one line of 1 to 500 characters."
  }
  return undefined
}

/** A message that was taken. */
export interface TakenMail {
  /** Its `Message-ID` without the angle brackets (RFC 5322, section 3.6.4). */
  readonly id: string
  /** Recipients that were refused while others were not. Where all of them are, sending fails. */
  readonly refused: ReadonlyArray<string>
}

/** The interface behind {@link Mailer}. */
export interface MailerService {
  /** Ends when somebody else has taken the responsibility for the message; that is not yet its arrival. */
  readonly send: (mail: Mail) => Effect.Effect<TakenMail, MailError>
}

/**
 * Sends mail to people.
 *
 * @example
 * ```ts
 * import { Mailer } from "@portico/gate/contracts"
 * import { FakeMailer } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 *
 * const invite = (to: string) =>
 *   Effect.flatMap(Mailer, ({ send }) =>
 *     send({ to: [to], subject: "You are invited", text: "Come in: https://example.com/join" })
 *   )
 *
 * const { id } = await Effect.runPromise(Effect.provide(invite("ada@example.com"), FakeMailer.layer))
 * console.log(id.includes("@")) // true
 * ```
 */
export class Mailer extends Context.Service<Mailer, MailerService>()("@portico/gate/contracts/Mailer") {}
