/**
 * The instance, as the commands use it.
 */
import { PorticoClient } from "@portico/client"
import * as Effect from "effect/Effect"
import { instanceUrl } from "./instanceUrl.ts"
import { tokenFor } from "./token.ts"

/** A client of the instance that the flags name. */
export const connect = Effect.gen(function* () {
  const url = yield* instanceUrl
  const token = yield* tokenFor(url)
  const client = PorticoClient.make({ url: url.href.replace(/\/$/, ""), ...(token === undefined ? {} : { token }) })
  return client.effect
})
