/**
 * The instance, as the commands use it.
 */
import { type Fetch, PorticoClient } from "@portico/client"
import * as Effect from "effect/Effect"
import { instanceUrl } from "./instanceUrl.ts"
import { tokenFor } from "./token.ts"

/** A client of the instance that the flags name, which sends by another `fetch`. */
export const connectBy = (fetch: Fetch | undefined) =>
  Effect.gen(function* () {
    const url = yield* instanceUrl
    const token = yield* tokenFor(url)
    const client = PorticoClient.make({
      url: url.href.replace(/\/$/, ""),
      ...(token === undefined ? {} : { token }),
      ...(fetch === undefined ? {} : { fetch })
    })
    return client.effect
  })

/** A client of the instance that the flags name. */
export const connect = connectBy(undefined)
