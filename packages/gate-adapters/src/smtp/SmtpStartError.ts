import * as Data from "effect/Data"

/** The settings of the mail server cannot be used. Its message names the setting, and no secret. */
export class SmtpStartError extends Data.TaggedError("SmtpStartError")<{ readonly message: string }> {}
