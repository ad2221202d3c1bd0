import { randomBytes } from "node:crypto"
import { MailError, Mailer, type MailerService, mailProblem } from "@portico/gate/contracts"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import { writePrivate } from "../internal/privateFile.ts"
import { toEml } from "./internal/eml.ts"

/** Where messages are put, and who they are from. */
export interface OutboxOptions {
  /** Made (mode 0700) with the first message. */
  readonly folder: string
  /** An address such as `portico@example.com`. */
  readonly from: string
}

/** Writes each message to a file `*.eml`, which mail programs open, and which sorts by time of sending. */
export const make = Effect.fnUntraced(function* ({ folder, from }: OutboxOptions) {
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const path = yield* Path.Path
  const domain = from.slice(from.lastIndexOf("@") + 1)

  const send: MailerService["send"] = Effect.fnUntraced(function* (mail) {
    const problem = mailProblem(mail)
    if (problem !== undefined) return yield* new MailError({ reason: "InvalidMail", message: problem })
    const date = yield* Clock.currentTimeMillis
    const unique = randomBytes(10).toString("hex")
    const id = `${unique}@${domain}`
    const name = `${new Date(date).toISOString().replaceAll(/[:.]/g, "-")}-${unique}.eml`
    yield* writePrivate(folder, name, toEml(mail, { from, id, date, boundary: `part${unique}` })).pipe(
      Effect.mapError(
        (cause) => new MailError({ reason: "Unavailable", message: `Writing the mail failed: ${cause.message}`, cause })
      ),
      Effect.andThen(Effect.logInfo(`A mail is in ${path.join(folder, name)}.`)),
      Effect.provideContext(context)
    )
    return { id, refused: [] }
  })
  const service: MailerService = { send }
  return service
})

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts
 * import { mkdtempSync, readdirSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import * as NodeServices from "@effect/platform-node/NodeServices"
 * import { Mailer } from "@portico/gate/contracts"
 * import { Outbox } from "@portico/gate-adapters/mail"
 * import * as Effect from "effect/Effect"
 *
 * const folder = mkdtempSync(join(tmpdir(), "outbox-"))
 * const program = Effect.flatMap(Mailer, ({ send }) =>
 *   send({ to: ["ada@example.com"], subject: "Hello", text: "Hello, Ada!" })
 * ).pipe(Effect.provide(Outbox.layer({ folder, from: "portico@example.com" })), Effect.provide(NodeServices.layer))
 *
 * await Effect.runPromise(program)
 * console.log(readdirSync(folder).length) // 1
 * rmSync(folder, { recursive: true })
 * ```
 */
export const layer = (options: OutboxOptions): Layer.Layer<Mailer, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(Mailer, make(options))
