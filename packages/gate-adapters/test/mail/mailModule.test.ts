import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Mailer } from "@portico/gate/contracts"
import { GatewayTest, lifecycleLaws } from "@portico/gate/testing"
import { MailModule } from "@portico/gate-adapters/mail"
import { SmtpModule } from "@portico/gate-adapters/smtp"
import { Effect } from "effect"
import { startMailServer } from "../smtp/mailServer.ts"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"

const hello = { to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" }

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [MailModule] })

const started = (config: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const dataDir = yield* temporaryFolder
    const gateway = yield* GatewayTest.make(product, { config: { "gate.dataDir": dataDir, ...config } })
    return { outbox: join(dataDir, "outbox"), mailer: yield* gateway.get(Mailer) }
  })

describe("the mail of a product", () => {
  it.effect("is written to files until a mail server is set", () =>
    Effect.gen(function* () {
      const { mailer, outbox } = yield* started({})
      yield* mailer.send(hello)
      expect(readdirSync(outbox).length).toBe(1)
    })
  )

  it.effect("is sent, and not written, once a mail server is set", () =>
    Effect.gen(function* () {
      const { arrived, port } = yield* startMailServer()
      const { mailer, outbox } = yield* started({
        "mail.url": `smtp://localhost:${port}`,
        "mail.tls": "optional",
        "mail.from": "desk@example.com"
      })
      yield* mailer.send(hello)
      expect(arrived).toMatchObject([{ from: "desk@example.com", to: ["ada@example.com"] }])
      expect(existsSync(outbox)).toBe(false)
    })
  )

  it.live("keeps the laws of the life cycle, sent or written", () =>
    Effect.gen(function* () {
      const { port } = yield* startMailServer()
      const written = yield* lifecycleLaws(MailModule)
      const sent = yield* lifecycleLaws(SmtpModule, { config: { "mail.url": `smtp://localhost:${port}` } })
      expect(Math.min(written.lives, sent.lives)).toBeGreaterThan(5)
    })
  )
})
