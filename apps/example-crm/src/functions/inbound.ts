import { defineRemoteFunction, verifyStandardWebhook } from "@portico/domain"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { receive } from "../core/inbound/receive.ts"
import { makeDeps } from "../deps.ts"
import { schema } from "../schema/index.ts"

/**
 * `POST /d/crm.example.dev/functions/inbound`, signed as Standard Webhooks
 * (https://www.standardwebhooks.com). There is no caller: the signature over
 * the raw bytes says who sent it, and the function acts with its own authority.
 */
export const inbound = defineRemoteFunction(schema, "inbound", {
  auth: "public",
  deps: makeDeps,
  execute: async ({ deps, request, selfKernel, signal }) => {
    if (request === undefined) {
      throw PorticoError.make("INVALID_BODY", "this webhook is called by its URL, with a signed body")
    }
    const message = await verifyStandardWebhook(request, { secret: deps.webhookSecrets() })
    return await Effect.runPromise(receive(selfKernel(), message), { signal })
  }
})
