import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import { GatewayTest, mailerContract, SentMail } from "@portico/gate/testing"
import { Smtp, SmtpModule } from "@portico/gate-adapters/smtp"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"
import { type MailServerOptions, selfSigned, startMailServer, startSilentServer } from "./mailServer.ts"

const hello = { to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" }

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [SmtpModule] })

const open = { host: "localhost", secure: false, tls: "optional", from: "desk@example.com" } as const

/** A mailer in the clear, and the server that it speaks to. */
const inTheClear = (options: MailServerOptions = {}) =>
  Effect.gen(function* () {
    const server = yield* startMailServer(options)
    const mailer = yield* Smtp.make({ ...open, port: server.port })
    return { ...server, mailer }
  })

/** A product with these settings. */
const started = (config: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const gateway = yield* GatewayTest.make(product, { config: { "mail.from": "desk@example.com", ...config } })
    return { gateway, mailer: yield* gateway.get(Mailer) }
  })

const underTest = Layer.effectContext(
  Effect.map(inTheClear(), ({ arrived, mailer }) =>
    Context.make(Mailer, mailer).pipe(Context.add(SentMail, { sent: Effect.sync(() => [...arrived]) }))
  )
)

/** A file with a certificate that vouches for itself, and a server that shows it. */
const certified = (options: MailServerOptions = {}) =>
  Effect.gen(function* () {
    const certificate = yield* selfSigned
    const ca = join(yield* temporaryFolder, "ca.pem")
    writeFileSync(ca, certificate.cert)
    return { ca, ...(yield* startMailServer({ certificate, ...options })) }
  })

describe("mail by SMTP", () => {
  for (const { check, name } of mailerContract(underTest)) it.effect(name, () => check)

  it.effect("says who it is from, when it was sent, and to whom it goes", () =>
    Effect.gen(function* () {
      const { arrived, mailer } = yield* inTheClear()
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5))
      const { id } = yield* mailer.send({ ...hello, to: ["ada@example.com", "bob@example.com"] })
      expect(arrived).toMatchObject([
        {
          from: "desk@example.com",
          envelopeTo: ["ada@example.com", "bob@example.com"],
          date: new Date("2026-01-02T03:04:05Z")
        }
      ])
      expect(id).toMatch(/^[0-9a-f]{32}@example\.com$/)
    })
  )

  it.effect("keeps every line within what mail servers take", () =>
    Effect.gen(function* () {
      const { arrived, mailer } = yield* inTheClear()
      const to = Array.from({ length: 50 }, (_, index) => `${"a".repeat(60)}${index}@example.com`)
      yield* mailer.send({ to, subject: "ü".repeat(500), text: "x".repeat(10_000), html: "ü".repeat(999) })
      const lines = arrived.flatMap(({ raw }) => raw.split("\r\n"))
      expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998)
    })
  )

  it.effect("uses few connections for many messages", () =>
    Effect.gen(function* () {
      const { arrived, connections, mailer } = yield* inTheClear()
      yield* Effect.forEach(Array.from({ length: 40 }), () => mailer.send(hello), { concurrency: "unbounded" })
      yield* mailer.send(hello)
      expect(arrived.length).toBe(41)
      expect(connections.seen.count).toBeLessThanOrEqual(5)
    })
  )

  describe("over STARTTLS", () => {
    it.effect("is sent in secret where the setting names who vouches for the server", () =>
      Effect.gen(function* () {
        const { arrived, ca, port } = yield* certified({ login: { user: "desk", password: "p@ss:word" } })
        const { mailer } = yield* started({
          "mail.url": `smtp://desk:${encodeURIComponent("p@ss:word")}@localhost:${port}`,
          "mail.ca": ca
        })
        yield* mailer.send(hello)
        expect(arrived).toMatchObject([{ secret: true, user: "desk" }])
      })
    )

    it.effect("is not sent to a server that only vouches for itself, and no password is shown to it", () =>
      Effect.gen(function* () {
        for (const tls of ["required", "optional"]) {
          const { arrived, port } = yield* certified({ login: { user: "desk", password: "s3cr3t" } })
          const { mailer } = yield* started({ "mail.url": `smtp://desk:s3cr3t@localhost:${port}`, "mail.tls": tls })
          const error = yield* Effect.flip(mailer.send(hello))
          expect(error).toMatchObject({ reason: "Misconfigured", status: 503, retryable: false })
          expect(error.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT")
          expect(arrived).toEqual([])
        }
      })
    )

    it.effect("is not sent to a server whose certificate is for another name", () =>
      Effect.gen(function* () {
        const { arrived, ca, port } = yield* certified()
        const { mailer } = yield* started({ "mail.url": `smtp://127.0.0.1:${port}`, "mail.ca": ca })
        const error = yield* Effect.flip(mailer.send(hello))
        expect(error.reason).toBe("Misconfigured")
        expect(error.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID")
        expect(arrived).toEqual([])
      })
    )

    it.effect("is not sent where the server does not offer it, unless the setting lets it", () =>
      Effect.gen(function* () {
        const { arrived, port } = yield* startMailServer()
        const strict = yield* started({ "mail.url": `smtp://localhost:${port}` })
        expect(yield* Effect.flip(strict.mailer.send(hello))).toMatchObject({ reason: "Misconfigured" })
        expect(arrived).toEqual([])
        const lenient = yield* started({ "mail.url": `smtp://localhost:${port}`, "mail.tls": "optional" })
        yield* lenient.mailer.send(hello)
        expect(arrived).toMatchObject([{ secret: false }])
      })
    )
  })

  it.effect("is sent over TLS from the start with smtps, to those who are vouched for only", () =>
    Effect.gen(function* () {
      const { arrived, ca, port } = yield* certified({ secure: true })
      const url = `smtps://localhost:${port}`
      const known = yield* started({ "mail.url": url, "mail.ca": ca })
      yield* known.mailer.send(hello)
      expect(arrived).toMatchObject([{ secret: true }])
      const unknown = yield* started({ "mail.url": url })
      expect(yield* Effect.flip(unknown.mailer.send(hello))).toMatchObject({ reason: "Misconfigured" })
      expect(arrived.length).toBe(1)
    })
  )

  describe("that is not taken", () => {
    it.effect("is not worth another try where the server does not accept the password, which is told to nobody", () =>
      Effect.gen(function* () {
        const { ca, port } = yield* certified({ login: { user: "desk", password: "right" } })
        const { gateway, mailer } = yield* started({
          "mail.url": `smtp://localhost:${port}`,
          "mail.user": "desk",
          "mail.password": "wr0ng-s3cr3t",
          "mail.ca": ca
        })
        const error = yield* Effect.flip(mailer.send(hello))
        expect(error).toMatchObject({ reason: "Misconfigured", code: "UNAVAILABLE", status: 503, retryable: false })
        expect(error.message).toBe("The mail server does not accept the user and password (535).")
        expect(JSON.stringify([error, error.cause, gateway.log])).not.toContain("wr0ng-s3cr3t")
      })
    )

    it.effect("is not worth another try where the server wants a login and the settings have none", () =>
      Effect.gen(function* () {
        const { mailer } = yield* inTheClear({ login: { user: "desk", password: "right" } })
        expect(yield* Effect.flip(mailer.send(hello))).toMatchObject({ reason: "Misconfigured" })
      })
    )

    it.effect("is refused for good with 5yz, in words that do not repeat the server's", () =>
      Effect.gen(function* () {
        const { mailer } = yield* inTheClear({ recipients: { "ada@example.com": 550 } })
        const error = yield* Effect.flip(mailer.send(hello))
        expect(error).toMatchObject({ reason: "Refused", code: "INVALID_PARAMS", status: 400, retryable: false })
        expect(error.message).toBe("The mail server refuses the message (550).")
      })
    )

    it.effect("is refused for good where it is too long for the server", () =>
      Effect.gen(function* () {
        const { mailer } = yield* inTheClear({ size: 1_000 })
        const error = yield* Effect.flip(mailer.send({ ...hello, text: "x".repeat(5_000) }))
        expect(error).toMatchObject({ reason: "Refused" })
      })
    )

    it.effect("is worth another try after 4yz, and is then taken", () =>
      Effect.gen(function* () {
        const { arrived, mailer } = yield* inTheClear({ answers: [451] })
        const error = yield* Effect.flip(mailer.send(hello))
        expect(error).toMatchObject({ reason: "Unavailable", code: "UNAVAILABLE", status: 503, retryable: true })
        expect(arrived).toEqual([])
        yield* mailer.send(hello)
        expect(arrived.length).toBe(1)
      })
    )

    it.effect("names the recipients that were refused while others were not", () =>
      Effect.gen(function* () {
        const { arrived, mailer } = yield* inTheClear({ recipients: { "eve@example.com": 550 } })
        const taken = yield* mailer.send({ ...hello, to: ["ada@example.com", "eve@example.com"] })
        expect(taken.refused).toEqual(["eve@example.com"])
        expect(arrived).toMatchObject([{ envelopeTo: ["ada@example.com"] }])
      })
    )

    it.effect("is worth another try where nobody listens", () =>
      Effect.gen(function* () {
        const { port } = yield* Effect.scoped(startMailServer())
        const mailer = yield* Smtp.make({ ...open, port })
        expect(yield* Effect.flip(mailer.send(hello))).toMatchObject({ reason: "Unavailable", retryable: true })
      })
    )

    it.live("is worth another try where the server is silent, and does not wait for it longer than it may", () =>
      Effect.gen(function* () {
        const { connections, port } = yield* startSilentServer
        const mailer = yield* Smtp.make({ ...open, port, timeout: 200 })
        const begun = performance.now()
        expect(yield* Effect.flip(mailer.send(hello))).toMatchObject({ reason: "Unavailable", retryable: true })
        expect(performance.now() - begun).toBeLessThan(5_000)
        expect(connections.seen.count).toBeGreaterThan(0)
        yield* connections.gone
      })
    )
  })

  it.effect("leaves no connection behind when the product stops", () =>
    Effect.gen(function* () {
      const { connections, port } = yield* startMailServer()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const mailer = yield* Smtp.make({ ...open, port })
          yield* mailer.send(hello)
          expect(connections.seen.count).toBe(1)
        })
      )
      yield* connections.gone
    })
  )

  describe("cannot be set", () => {
    it.effect.each([
      ["mail.example.com"],
      ["http://mail.example.com"],
      ["smtp://"],
      ["smtps://desk:s3cr3t@mail.example.com/?tls.rejectUnauthorized=false"],
      ["smtps://desk:s3cr3t%zz@mail.example.com"]
    ])("with the URL %s, and the refusal shows nothing of it", ([url]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(GatewayTest.make(product, { config: { "mail.url": url } }))
        expect(String(error)).toContain("mail.url")
        expect(String(error).replaceAll(/\s+/g, " ")).toContain("expected secret URL of a mail server")
        expect(String(error)).not.toContain("s3cr3t")
      })
    )

    it.effect.each([
      [{ "mail.user": "desk" }, "mail.password"],
      [{ "mail.password": "s3cr3t" }, "mail.user"],
      [{ "mail.ca": "/nowhere/ca.pem" }, "mail.ca"]
    ] as const)("with %o alone", ([config, named]) =>
      Effect.gen(function* () {
        const url = { "mail.url": "smtps://mail.example.com" }
        const error = yield* Effect.flip(GatewayTest.make(product, { config: { ...url, ...config } }))
        expect(String(error)).toContain(named)
        expect(String(error)).not.toContain("s3cr3t")
      })
    )
  })
})
