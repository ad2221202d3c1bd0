/**
 * Which instance, and as whom.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentIo } from "../Io.ts"
import { type CliFailure, usage } from "./failure.ts"
import { DataFolder, Instance, TokenFile } from "./flags.ts"

/** The URL that everything below is asked at, without a slash at its end. */
export const instanceUrl = Effect.gen(function* () {
  const io = yield* CurrentIo
  const flag = yield* Instance
  const text = Option.getOrElse(flag, () => nonEmpty(io.env.PORTICO_URL) ?? "http://localhost:4000")
  const where = Option.isSome(flag) ? "--instance" : "PORTICO_URL"
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return yield* usage(`${where} is not a URL: ${JSON.stringify(text)}`, "Write it like http://localhost:4000")
  }
  if (url.username !== "" || url.password !== "") {
    return yield* usage(`${where} may not hold a name or password`, "Give a token with --token-file or PORTICO_TOKEN")
  }
  return new URL(`${url.origin}${url.pathname.replace(/\/+$/, "")}`)
})

const nonEmpty = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : text

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127(\.\d+){3}$/.test(hostname)

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

/**
 * The token to show, if there is one: `--token-file`, then `PORTICO_TOKEN`,
 * then `operator.token` in the data folder.
 *
 * The operator's token is found without being asked for, so it is shown to
 * this machine only; for another one name the data folder with `--data`.
 */
export const tokenFor = Effect.fnUntraced(function* (url: URL) {
  const io = yield* CurrentIo
  const file = yield* TokenFile
  if (Option.isSome(file)) return yield* readToken(file.value)
  const token = nonEmpty(io.env.PORTICO_TOKEN?.trim())
  if (token !== undefined) return token
  const folder = yield* DataFolder
  if (Option.isNone(folder) && !isLoopback(url)) return undefined
  const data = Option.getOrElse(folder, () => nonEmpty(io.env.PORTICO_DATA) ?? "./.portico")
  return yield* readToken(join(data, "operator.token")).pipe(Effect.orElseSucceed(() => undefined))
})
