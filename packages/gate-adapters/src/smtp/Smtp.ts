import { randomBytes } from "node:crypto"
import { MailError, Mailer, type MailerService, mailProblem } from "@portico/gate/contracts"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { createTransport } from "nodemailer"
import { encodeWord } from "nodemailer/lib/mime-funcs"
import { smtpFailure } from "./internal/smtpFailure.ts"

/** A mail server, and who messages are from. */
export interface SmtpOptions {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, as on port 465. Else the connection becomes secret with STARTTLS. */
  readonly secure: boolean
  /**
   * `required` (the default): nothing is sent on a connection that is not secret. `optional`: it is where the server does
   * not offer STARTTLS. The server's certificate is verified in both cases.
   */
  readonly tls?: "required" | "optional" | undefined
  /** Certificates to trust, as PEM, instead of the well-known ones. */
  readonly ca?: string | undefined
  readonly user?: string | undefined
  readonly password?: Redacted.Redacted<string> | undefined
  /** An address such as `portico@example.com`. */
  readonly from: string
  /** Milliseconds that a message may take, and the server may be silent. Default 30,000. */
  readonly timeout?: number | undefined
}

/** Connections at once. What is sent meanwhile waits. */
const maxConnections = 5

/** Milliseconds after which a connection that nobody needs is closed. */
const idleTimeout = 10_000

// The library would let a subject that looks like an encoded word pass as one.
const headerText = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) && !text.includes("=?") && text.trim() === text ? text : encodeWord(text, "B", 52)

const late = new MailError({ reason: "Unavailable", message: "The mail server does not answer in time." })

/** Sends mail with SMTP (RFC 5321). Connections are kept for a while, and closed with the scope. */
export const make = Effect.fnUntraced(function* (
  options: SmtpOptions
): Effect.fn.Return<MailerService, never, Scope.Scope> {
  const { ca, from, host, password, port, secure, timeout = 30_000, tls = "required", user } = options
  const domain = from.slice(from.lastIndexOf("@") + 1)
  const transport = yield* Effect.acquireRelease(
    Effect.sync(() =>
      createTransport({
        pool: true,
        host,
        port,
        secure,
        requireTLS: tls === "required",
        tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
        ...(user === undefined ? {} : { auth: { user, pass: password === undefined ? "" : Redacted.value(password) } }),
        connectionTimeout: timeout,
        dnsTimeout: timeout,
        greetingTimeout: timeout,
        socketTimeout: timeout,
        maxConnections,
        idleTimeout,
        // Mail holds text only: nothing of it may name a file or an address to read from.
        disableFileAccess: true,
        disableUrlAccess: true
      })
    ),
    (opened) => Effect.sync(() => opened.close())
  )

  const send: MailerService["send"] = Effect.fnUntraced(function* (mail) {
    const problem = mailProblem(mail)
    if (problem !== undefined) return yield* new MailError({ reason: "InvalidMail", message: problem })
    const { html, replyTo, subject, text, to } = mail
    const id = `${randomBytes(16).toString("hex")}@${domain}`
    const date = new Date(yield* Clock.currentTimeMillis)
    const { rejected: refused } = yield* Effect.tryPromise({
      try: (signal) =>
        transport.sendMail({
          signal,
          messageId: `<${id}>`,
          date,
          from,
          to: [...to],
          replyTo,
          headers: { subject: { prepared: true, foldLines: true, value: headerText(subject) } },
          text,
          html,
          envelope: { from, to: [...to] }
        }),
      catch: smtpFailure
    }).pipe(Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(late) }))
    if (refused.length > 0) yield* Effect.logWarning(`A mail was taken for some and not for ${refused.length} others.`)
    return { id, refused }
  })
  return { send }
})

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts no-run
 * import { Mailer } from "@portico/gate/contracts"
 * import { Smtp } from "@portico/gate-adapters/smtp"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const program = Effect.flatMap(Mailer, ({ send }) =>
 *   send({ to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" })
 * ).pipe(
 *   Effect.provide(
 *     Smtp.layer({
 *       host: "mail.example.com",
 *       port: 465,
 *       secure: true,
 *       user: "portico",
 *       password: Redacted.make("secret"),
 *       from: "portico@example.com"
 *     })
 *   )
 * )
 *
 * await Effect.runPromise(program)
 * ```
 */
export const layer = (options: SmtpOptions): Layer.Layer<Mailer> => Layer.effect(Mailer, make(options))
