import { type AddressInfo, createServer, type Server } from "node:net"
import type { Mail } from "@portico/gate/contracts"
import { Effect } from "effect"
import { type ParsedMail, simpleParser } from "mailparser"
import { generate } from "selfsigned"
import { SMTPServer } from "smtp-server"
import { watchConnections } from "./connections.ts"

/** A key, and a certificate for localhost that only itself vouches for. */
export const selfSigned = Effect.promise(async () => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }
    ]
  })
  return { cert, key }
})

/** A message that arrived. */
export interface Arrived extends Mail {
  readonly id: string
  readonly from: string
  /** Whom the server was told to bring it to (RFC 5321), which need not be what the message says. */
  readonly envelopeTo: ReadonlyArray<string>
  readonly secret: boolean
  readonly user: string | undefined
  readonly raw: string
  readonly date: Date | undefined
}

export interface MailServerOptions {
  /** Offers STARTTLS with it, or TLS from the start. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined
  readonly secure?: boolean
  /** Whoever else logs in is refused. Without it nobody has to. */
  readonly login?: { readonly user: string; readonly password: string }
  /** Answers to recipients, by address, for example 550. */
  readonly recipients?: Readonly<Record<string, number>>
  /** Answers to whole messages, one after the other; then they are taken. */
  readonly answers?: ReadonlyArray<number>
  readonly size?: number
}

const failure = (responseCode: number) => Object.assign(new Error("not now, ada@example.com"), { responseCode })

const read = (
  parsed: ParsedMail
): Pick<Arrived, "id" | "from" | "to" | "replyTo" | "subject" | "text" | "html" | "date"> => {
  const to = parsed.to === undefined ? [] : [parsed.to].flat().flatMap(({ value }) => value)
  return {
    id: (parsed.messageId ?? "").replaceAll(/[<>]/g, ""),
    from: parsed.from?.text ?? "",
    to: to.map(({ address }) => address ?? ""),
    replyTo: parsed.replyTo?.value[0]?.address,
    subject: parsed.subject ?? "",
    text: parsed.text ?? "",
    html: parsed.html === false ? undefined : parsed.html,
    date: parsed.date
  }
}

/** An SMTP server on loopback for as long as the scope lives, and what it took. */
export const startMailServer = (options: MailServerOptions = {}) =>
  Effect.gen(function* () {
    const { answers = [], certificate, login, recipients = {}, secure = false, size } = options
    const arrived: Array<Arrived> = []
    const later = [...answers]
    const server = new SMTPServer({
      ...(certificate ?? {}),
      secure,
      ...(size === undefined ? {} : { size }),
      authOptional: login === undefined,
      disabledCommands: certificate === undefined ? ["STARTTLS"] : [],
      allowInsecureAuth: certificate === undefined,
      disableReverseLookup: true,
      onAuth: ({ password, username }, _, callback) => {
        if (login !== undefined && username === login.user && password === login.password) {
          callback(null, { user: username })
        } else callback(failure(535))
      },
      onRcptTo: ({ address }, _, callback) => {
        const refusal = recipients[address]
        callback(refusal === undefined ? null : failure(refusal))
      },
      onData: (stream, session, callback) => {
        const chunks: Array<Buffer> = []
        stream.on("data", (chunk: Buffer) => chunks.push(chunk))
        stream.on("end", () => {
          const answer = later.shift()
          if (answer !== undefined) return callback(failure(answer))
          if (stream.sizeExceeded) return callback(failure(552))
          const raw = Buffer.concat(chunks)
          void simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true }).then((parsed) => {
            arrived.push({
              ...read(parsed),
              envelopeTo: session.envelope.rcptTo.map(({ address }) => address),
              secret: session.secure,
              user: session.user === undefined ? undefined : String(session.user),
              raw: raw.toString("utf8")
            })
            callback()
          }, callback)
        })
      }
    })
    // A client that does not like the certificate goes away in the middle of its handshake.
    server.on("error", () => undefined)
    const connections = watchConnections(server.server)
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          connections.destroy()
        })
    )
    return { port: portOf(server.server), arrived, connections }
  })

// A server that listens on a port has this form of address.
const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** A server that lets clients in and never says a word. */
export const startSilentServer = Effect.gen(function* () {
  const server = createServer()
  const connections = watchConnections(server)
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        connections.destroy()
      })
  )
  return { port: portOf(server), connections }
})
