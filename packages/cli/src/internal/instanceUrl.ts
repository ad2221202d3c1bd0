/**
 * Which instance.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentIo } from "../Io.ts"
import { usage } from "./failure.ts"
import { Instance } from "./flags.ts"

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

/** A variable that is set to nothing counts as one that is not set. */
export const nonEmpty = (text: string | undefined): string | undefined =>
  text === undefined || text === "" ? undefined : text

/** Whether only this machine is behind it. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127(\.\d+){3}$/.test(hostname)

/** An instance's URL as a key, and as people write it. */
export const nameOfInstance = (url: URL): string => url.href.replace(/\/$/, "")
