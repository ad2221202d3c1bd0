import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import { GatewayTest, mailerContract, SentMail } from "@portico/gate/testing"
import { OutboxModule } from "@portico/gate-adapters/mail"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"
import { readEml } from "./readEml.ts"

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [OutboxModule] })

const hello = { to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" }

/** A product's mailer, and the folder that it writes to. */
const started = (config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const dataDir = yield* temporaryFolder
    const gateway = yield* GatewayTest.make(product, { config: { "gate.dataDir": dataDir, ...config } })
    return { folder: join(dataDir, "outbox"), gateway, mailer: yield* gateway.get(Mailer) }
  })

const filesIn = (folder: string): ReadonlyArray<string> =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []

const read = (file: string): string => readFileSync(file, "utf8")

const underTest = Layer.effectContext(
  Effect.map(started(), ({ folder, mailer }) =>
    Context.make(Mailer, mailer).pipe(
      Context.add(SentMail, { sent: Effect.sync(() => filesIn(folder).map((file) => readEml(read(file)))) })
    )
  )
)

describe("the outbox", () => {
  for (const { check, name } of mailerContract(underTest)) it.effect(name, () => check)

  it.effect("writes a message that a person can read, for the owner's eyes only, and logs where it is", () =>
    Effect.gen(function* () {
      const { folder, gateway, mailer } = yield* started({ "mail.from": "desk@example.com" })
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5))
      const { id } = yield* mailer.send({ ...hello, text: "Come in:\nhttps://example.com/join?key=1" })
      const [file = ""] = filesIn(folder)
      expect(read(file)).toBe(
        [
          "From: desk@example.com",
          "To: ada@example.com",
          "Subject: Hello",
          "Date: Fri, 02 Jan 2026 03:04:05 +0000",
          `Message-ID: <${id}>`,
          "MIME-Version: 1.0",
          "Content-Type: text/plain; charset=utf-8",
          "Content-Transfer-Encoding: 8bit",
          "",
          "Come in:",
          "https://example.com/join?key=1",
          ""
        ].join("\r\n")
      )
      expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
      expect(gateway.log.map(({ message }) => message)).toContain(`A mail is in ${file}.`)
    })
  )

  it.effect("keeps every line within what mail servers take", () =>
    Effect.gen(function* () {
      const { folder, mailer } = yield* started()
      const to = Array.from({ length: 50 }, (_, index) => `${"a".repeat(60)}${index}@example.com`)
      yield* mailer.send({ to, subject: "ü".repeat(500), text: "x".repeat(10_000), html: "ü".repeat(999) })
      const lines = filesIn(folder).flatMap((file) => read(file).split("\r\n"))
      expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998)
      expect(lines.filter((line) => line.startsWith("=?") || line.startsWith(" =?")).every((l) => l.length <= 76)).toBe(
        true
      )
    })
  )

  it.effect("says that it is unavailable where it cannot write", () =>
    Effect.gen(function* () {
      const { folder, mailer } = yield* started()
      writeFileSync(folder, "in the way")
      const error = yield* Effect.flip(mailer.send(hello))
      expect(error).toMatchObject({ reason: "Unavailable", code: "UNAVAILABLE", status: 503 })
    })
  )

  it.effect("refuses a sender that is no address", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(started({ "mail.from": "Desk\r\nBcc: eve@example.com" }))
      expect(String(error)).toContain("mail.from")
    })
  )
})
