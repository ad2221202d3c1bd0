import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Smtp from "../Smtp.ts"
import type { SmtpConfig } from "../SmtpConfig.ts"
import { SmtpStartError } from "../SmtpStartError.ts"
import { parseMailUrl } from "./mailUrl.ts"

/** The mailer that the settings describe. */
export const fromSettings = Effect.fnUntraced(function* (settings: typeof SmtpConfig.Type) {
  const { ca: caFile, from, timeout, tls } = settings
  const parsed = parseMailUrl(Redacted.value(settings.url))
  // The settings' schema has parsed it before.
  if (Result.isFailure(parsed)) return yield* Effect.die(new Error("mail.url is no URL of a mail server"))
  const { host, password, port, secure, user = settings.user } = parsed.success
  const secret = password === undefined ? settings.password : Redacted.make(password)
  if (secret !== undefined && user === undefined) {
    return yield* new SmtpStartError({
      message: 'There is a password for the mail server and no user; set "mail.user".'
    })
  }
  if (secret === undefined && user !== undefined) {
    return yield* new SmtpStartError({
      message: 'There is a user for the mail server and no password; set "mail.password".'
    })
  }
  const ca = caFile === undefined ? undefined : yield* readCertificates(caFile)
  return yield* Smtp.make({ host, port, secure, tls, ca, user, password: secret, from, timeout })
})

const readCertificates = Effect.fnUntraced(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const pem = yield* Effect.mapError(
    fs.readFileString(file),
    (error) => new SmtpStartError({ message: `The file of the setting "mail.ca" cannot be read: ${error.message}` })
  )
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    return yield* new SmtpStartError({ message: `${file}, of the setting "mail.ca", holds no certificate (PEM).` })
  }
  return pem
})
