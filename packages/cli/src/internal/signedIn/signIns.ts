/**
 * `~/.portico/credentials.json`: what `portico auth login` keeps, by instance.
 */
import { chmod, readFile, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo } from "../../Io.ts"
import { CliFailure } from "../failure.ts"
import { replaceSecret } from "../secretFile.ts"

const SignIn = Schema.Struct({
  accessToken: Schema.String,
  refreshToken: Schema.optionalKey(Schema.String),
  /** When the access token ends, by the clock of this machine. Milliseconds since the epoch. */
  expiresAt: Schema.Number,
  scope: Schema.String
})

/** What an instance has given somebody who signed in to it. */
export type SignIn = typeof SignIn.Type

const SignIns = Schema.fromJsonString(Schema.Struct({ instances: Schema.Record(Schema.String, SignIn) }))
const decode = Schema.decodeUnknownOption(SignIns)

/** The file. */
export const signInsFile = Effect.map(CurrentIo, ({ env }) =>
  join(env.HOME === undefined || env.HOME === "" ? homedir() : env.HOME, ".portico", "credentials.json")
)

const damaged = (file: string) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "DAMAGED",
    message: `${file} does not hold what was written there`,
    next: "Remove it, and sign in again: portico auth login"
  })

/** One that others can read is closed to them. */
const text = (file: string): Promise<string | undefined> =>
  stat(file).then(
    async ({ mode }) => {
      if ((mode & 0o077) !== 0) await chmod(file, 0o600)
      return readFile(file, "utf8")
    },
    (error: unknown) => {
      if (Predicate.hasProperty(error, "code") && error.code === "ENOENT") return undefined
      throw error
    }
  )

/** All of them, by the instance's URL. */
export const readSignIns = Effect.gen(function* () {
  const file = yield* signInsFile
  const found = yield* Effect.tryPromise({ try: () => text(file), catch: () => damaged(file) })
  if (found === undefined) return {}
  return yield* Option.match(decode(found), {
    onNone: () => Effect.fail(damaged(file)),
    onSome: ({ instances }) => Effect.succeed(instances)
  })
})

/** Keeps one, or forgets what was kept. Only for whoever holds the lock: see `alone`. */
export const keepSignIn = Effect.fnUntraced(function* (instance: string, signIn: SignIn | undefined) {
  const file = yield* signInsFile
  const { [instance]: _, ...others } = yield* readSignIns
  const instances = signIn === undefined ? others : { ...others, [instance]: signIn }
  yield* replaceSecret(file, `${JSON.stringify({ instances }, null, 2)}\n`)
})
