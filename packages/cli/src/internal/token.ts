/**
 * As whom.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentIo } from "../Io.ts"
import { type CliFailure, usage } from "./failure.ts"
import { DataFolder, TokenFile } from "./flags.ts"
import { isLoopback, nonEmpty } from "./instanceUrl.ts"
import { tokenOfSignIn } from "./signedIn/tokenOfSignIn.ts"

/** A token, and where it was found. */
export interface Shown {
  readonly token: string
  readonly from: "--token-file" | "PORTICO_TOKEN" | "operator.token" | "sign-in"
}

const readToken = (file: string): Effect.Effect<string, CliFailure> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (cause) => cause
  }).pipe(
    Effect.mapError(() => usage(`cannot read the token file ${file}`)),
    Effect.map((text) => text.trim()),
    Effect.filterOrFail(
      (token) => /^[\x21-\x7e]+$/.test(token),
      () => usage(`the token file ${file} does not hold one token`)
    )
  )

/** The operator's token of a data folder, where it can be read. */
const ofFolder = (folder: string) =>
  readToken(join(folder, "operator.token")).pipe(
    Effect.map((token): Shown => ({ token, from: "operator.token" })),
    Effect.orElseSucceed(() => undefined)
  )

/**
 * The token to show, if there is one: `--token-file`, then `PORTICO_TOKEN`, then `operator.token` in the folder that
 * `--data` names, then what `portico auth login` has kept, then `operator.token` in the data folder of this place.
 *
 * That last one is found without being asked for, so it is shown to this machine only.
 */
export const shownTo = Effect.fnUntraced(function* (url: URL) {
  const io = yield* CurrentIo
  const file = yield* TokenFile
  if (Option.isSome(file)) {
    const shown: Shown = { token: yield* readToken(file.value), from: "--token-file" }
    return shown
  }
  const token = nonEmpty(io.env.PORTICO_TOKEN?.trim())
  if (token !== undefined) {
    const shown: Shown = { token, from: "PORTICO_TOKEN" }
    return shown
  }
  const folder = yield* DataFolder
  const named = Option.isSome(folder) ? yield* ofFolder(folder.value) : undefined
  if (named !== undefined) return named
  const signedIn = yield* tokenOfSignIn(url)
  if (signedIn !== undefined) {
    const shown: Shown = { token: signedIn, from: "sign-in" }
    return shown
  }
  if (Option.isSome(folder) || !isLoopback(url)) return undefined
  return yield* ofFolder(nonEmpty(io.env.PORTICO_DATA) ?? "./.portico")
})

/** The token alone. */
export const tokenFor = (url: URL) => Effect.map(shownTo(url), (shown) => shown?.token)
