import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Mail, MailError, Mailer, type MailerService, mailProblem } from "../../../contracts/Mailer.ts"
import { SentMail } from "./SentMail.ts"

const makeFakeMailer = (): { readonly service: MailerService; readonly sent: ReadonlyArray<Mail & { id: string }> } => {
  const sent: Array<Mail & { id: string }> = []
  const send: MailerService["send"] = (mail) =>
    Effect.suspend(() => {
      const problem = mailProblem(mail)
      if (problem !== undefined) return Effect.fail(new MailError({ reason: "InvalidMail", message: problem }))
      const id = `${sent.length + 1}@fake.invalid`
      sent.push({ ...mail, id })
      return Effect.succeed({ id, refused: [] })
    })
  return { service: { send }, sent }
}

export const FakeMailer = {
  /**
   * A `Mailer` that keeps what it is given, and what it kept.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { FakeMailer } from "@portico/gate/testing"
   * import * as Effect from "effect/Effect"
   *
   * const { sent, service } = FakeMailer.make()
   * await Effect.runPromise(service.send({ to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" }))
   * assert.deepEqual(sent.map(({ subject }) => subject), ["Hello"])
   * ```
   */
  make: makeFakeMailer,
  /** The same as a layer, for the contract's suite. */
  layer: Layer.effectContext(
    Effect.sync(() => {
      const { sent, service } = makeFakeMailer()
      return Context.make(Mailer, service).pipe(Context.add(SentMail, { sent: Effect.sync(() => [...sent]) }))
    })
  )
} as const
