import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { type Mail, MailError, Mailer } from "../../../contracts/Mailer.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"
import { SentMail } from "./SentMail.ts"

const hello: Mail = { to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" }

const malformed: Readonly<Record<string, Partial<Mail>>> = {
  "no recipient": { to: [] },
  "too many recipients": { to: Array.from({ length: 51 }, (_, index) => `a${index}@example.com`) },
  "an address without a domain": { to: ["ada"] },
  "an address with a name": { to: ["Ada <ada@example.com>"] },
  "two addresses in one": { to: ["ada@example.com,bob@example.com"] },
  "an address that goes on with a header": { to: ["ada@example.com\r\nBcc: eve@example.com"] },
  "an address for answers that goes on with a header": { replyTo: "ada@example.com\nBcc: eve@example.com" },
  "a subject that goes on with a header": { subject: "Hello\r\nBcc: eve@example.com" },
  "a subject with a line break of Unicode": { subject: "Hello\u2028Bcc: eve@example.com" },
  "no subject": { subject: "" },
  "an endless subject": { subject: "x".repeat(501) }
}

// Mail travels in lines, the last of them too.
const ended = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`)

/**
 * What every provider of `Mailer` must do, as checks for any test runner. `layer` also gives `SentMail`, which looks at
 * what was sent. Line breaks may come out as `\n`, whatever they were, and one may be added at the end.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { FakeMailer, mailerContract } from "@portico/gate/testing"
 *
 * for (const { check, name } of mailerContract(FakeMailer.layer)) it.effect(name, () => check)
 * ```
 */
export const mailerContract = <E>(layer: Layer.Layer<Mailer | SentMail, E>): ReadonlyArray<ContractCheck> => {
  const { checks, test } = makeSuite(Mailer, layer)
  const sent = Effect.flatMap(SentMail, (view) => view.sent)
  const arrives = (name: string, mail: Mail) =>
    test(name, ({ send }) =>
      Effect.gen(function* () {
        const { id, refused } = yield* send(mail)
        assert.deepEqual(refused, [])
        const [only, ...others] = yield* sent
        assert.equal(others.length, 0)
        assert.ok(only !== undefined)
        const { html, replyTo, subject, text, to } = only
        assert.deepEqual(
          { id: only.id, to, replyTo, subject, text: ended(text), html: html && ended(html) },
          {
            id,
            to: mail.to,
            replyTo: mail.replyTo,
            subject: mail.subject,
            text: ended(mail.text),
            html: mail.html && ended(mail.html)
          }
        )
      })
    )

  arrives("what was sent arrives", hello)
  arrives("every recipient and the address for answers arrive", {
    ...hello,
    to: ["ada@example.com", "bob.o'neil+list@mail.example.org", "root@localhost"],
    replyTo: "desk@example.com"
  })
  arrives("an HTML part arrives beside the text", { ...hello, html: "<p>Hello, <b>Ada</b>!</p>\n" })
  arrives("lines, and lines that look like something else, arrive as they were", {
    ...hello,
    text: "Dear Ada,\n\n.\n..\nFrom here on\n--\n--=_x\nSubject: no\n  indented \n"
  })
  arrives("a subject of any script and length arrives", {
    ...hello,
    subject: `${"Grüße, привет, 你好, 👩‍👩‍👧 ".repeat(10)}.`
  })
  arrives("a subject that looks encoded arrives as it was", { ...hello, subject: "=?utf-8?q?no?= and =?x" })
  arrives("text of any script arrives", { ...hello, text: "Grüße\nпривет\n你好 👩‍👩‍👧", html: "<p>Grüße 你好</p>" })
  arrives("a line of any length arrives", { ...hello, text: `${"long ".repeat(1_000)}\nü${"x".repeat(5_000)}` })

  test("messages that are sent at once all arrive, each with an id of its own", ({ send }) =>
    Effect.gen(function* () {
      const subjects = Array.from({ length: 50 }, (_, index) => `number ${index}`)
      const ids = yield* Effect.forEach(subjects, (subject) => send({ ...hello, subject }), {
        concurrency: "unbounded"
      })
      const arrived = yield* sent
      assert.deepEqual(arrived.map(({ subject }) => subject).sort(), [...subjects].sort())
      assert.equal(new Set(ids.map(({ id }) => id)).size, 50)
    }))

  for (const [name, wrong] of Object.entries(malformed)) {
    test(`${name} is refused, and nothing is sent`, ({ send }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(send({ ...hello, ...wrong }))
        assert.ok(error instanceof MailError)
        assert.deepEqual([error.reason, error.code, error.status], ["InvalidMail", "INVALID_PARAMS", 400])
        assert.equal(error.retryable, false)
        assert.deepEqual(yield* sent, [])
      }))
  }

  return checks
}
