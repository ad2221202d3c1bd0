import { parseExpiry, parseTrustKey } from "@portico/auth/trust"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { usage } from "./failure.ts"
import { readText } from "./secretFile.ts"

/** The root key in a file. */
export const rootKeyIn = (file: string) =>
  Effect.flatMap(readText(file, "the root key"), (text) => {
    const parsed = parseTrustKey(text)
    return Result.isSuccess(parsed)
      ? Effect.succeed(parsed.success)
      : Effect.fail(
          usage(`${file} holds no root key: ${parsed.failure}`, "Make one: portico trust keygen root --out FILE")
        )
  })

/** The time that `--expires`, or another flag, means, in milliseconds since the epoch. */
export const expiryOf = (text: string, flag = "--expires") =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const parsed = parseExpiry(text, now)
    return Result.isSuccess(parsed)
      ? Effect.succeed(parsed.success)
      : Effect.fail(usage(`${flag} is ${parsed.failure}`))
  })
