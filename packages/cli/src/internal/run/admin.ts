/**
 * Administrators, of a data folder or of an instance.
 */
import type { AuthService } from "@portico/auth"
import { type GatewayBootError, PlanRefused } from "@portico/gate"
import { isPorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo } from "../../Io.ts"
import { decode } from "../answers.ts"
import { CliFailure } from "../failure.ts"
import { Instance } from "../flags.ts"
import { newPassword } from "../newPassword.ts"
import { askInternal } from "../operator.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { toFailure } from "../store.ts"
import { renderFields } from "../table.ts"
import { isInUse, unheard } from "../unheard.ts"

const Answer = Schema.Struct({ identity: Schema.Struct({ id: Schema.String, path: Schema.String }) })
type Who = (typeof Answer.Type)["identity"]

const askInstance = (path: string, body: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const answer = yield* askInternal(yield* connect, "POST", `auth/administrators${path}`, body)
    return (yield* decode(Answer, "an identity")(answer)).identity
  })

const notStarted = (error: GatewayBootError | PlanRefused): CliFailure => {
  if (error instanceof PlanRefused) {
    return new CliFailure({
      exit: ExitCode.failed,
      code: "INVALID_SETTINGS",
      message: "the settings here do not make a product",
      next: "See: portico config check",
      cause: error
    })
  }
  const [failure] = error.failures
  return new CliFailure({
    exit: isInUse(error) ? ExitCode.unavailable : ExitCode.failed,
    code: isInUse(error) ? "LOCKED" : "NOT_READY",
    message: failure?.reason ?? error.message,
    ...(isInUse(error) ? { next: "Name the instance that runs on it with --instance URL" } : {}),
    cause: error
  })
}

/** On the data folder, or by whoever has it open. */
const here = (
  task: (administrators: AuthService["administrators"]) => ReturnType<AuthService["administrators"]["create"]>,
  otherwise: ReturnType<typeof askInstance>
) =>
  unheard(({ administrators }) => task(administrators)).pipe(
    Effect.catchTag("DatabaseError", (error) => Effect.fail(toFailure(error))),
    Effect.catchTags({
      GatewayBootError: (error) =>
        isInUse(error)
          ? Effect.mapError(otherwise, (other) => (isUnreachable(other) ? notStarted(error) : other))
          : Effect.fail(notStarted(error)),
      PlanRefused: (error) => Effect.fail(notStarted(error))
    })
  )

const isUnreachable = (error: unknown): boolean =>
  isPorticoError(error) && (error.code === "UNAVAILABLE" || error.code === "UNAUTHENTICATED")

/** What an instance says of a route's body is told as what was typed here. */
const refusal = (identity: string) => (error: unknown) => {
  if (!isPorticoError(error)) return error
  const { code, message } = error
  if (code === "INVALID_PARAMS") return new CliFailure({ exit: ExitCode.failed, code, message, cause: error })
  if (code !== "PATH_CONFLICT") return error
  const next = `Choose another NAME, or give that one a new password: portico admin reset ${identity}`
  return new CliFailure({ exit: ExitCode.conflict, code, message, next, cause: error })
}

const told = (who: Who, words: string) =>
  Effect.gen(function* () {
    yield* printed(who, (io) =>
      renderFields(io, [
        ["path", who.path],
        ["id", who.id]
      ])
    )
    yield* say(words)
  })

/** `portico admin create [NAME]` */
export const create = Effect.fnUntraced(function* ({
  name,
  passwordStdin
}: {
  readonly name: string
  readonly passwordStdin: boolean
}) {
  const password = yield* newPassword(passwordStdin)
  const remote = askInstance("", { name, password })
  const done = (yield* isRemote) ? remote : here((administrators) => administrators.create({ name, password }), remote)
  yield* told(
    yield* Effect.mapError(done, refusal(name)),
    "this is an administrator now, who signs in with the password"
  )
})

/** `portico admin reset IDENTITY` */
export const reset = Effect.fnUntraced(function* ({
  identity,
  passwordStdin
}: {
  readonly identity: string
  readonly passwordStdin: boolean
}) {
  const password = yield* newPassword(passwordStdin)
  const remote = askInstance("/reset", { identity, password })
  const done = (yield* isRemote)
    ? remote
    : here((administrators) => administrators.reset({ identity, password }), remote)
  yield* told(
    yield* Effect.mapError(done, refusal(identity)),
    "the password is set, and all sessions and tokens have ended"
  )
})

const isRemote = Effect.gen(function* () {
  const io = yield* CurrentIo
  return Option.isSome(yield* Instance) || (io.env.PORTICO_URL ?? "") !== ""
})
