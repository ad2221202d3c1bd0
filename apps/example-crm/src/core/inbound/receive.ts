import { isNotFound, Slug } from "@portico/schema"
import * as Effect from "effect/Effect"
import { D } from "../../schema/index.ts"
import { contactPath } from "../contacts/contactPath.ts"
import { propsOf } from "../contacts/createContact.ts"
import type { Graph } from "../Graph.ts"
import { readMessage } from "./message.ts"

/** A message whose signature has been checked. */
export interface Signed {
  readonly id: string
  readonly payload: unknown
}

/**
 * Files the contact that a message tells of, and gives its path.
 *
 * Webhooks are delivered at least once, and late ones overtake. So a message
 * that was processed leaves a Delivery under its contact, and is not processed
 * again; the Delivery is written last, so that a message whose processing was
 * cut short is taken up when it is sent again. Both paths follow from the message alone.
 */
export const receive = Effect.fnUntraced(function* (kernel: Graph, { id, payload }: Signed) {
  const { data } = yield* readMessage(payload)
  const path = contactPath(data.email)
  const delivery = `${path}/${Slug.from(id)}`
  if (yield* exists(kernel, delivery)) return { path }
  yield* kernel.effect.create(D.Contact, { path, props: propsOf(data), onConflict: "merge" })
  yield* kernel.effect.create(D.Delivery, { path: delivery, props: { messageId: id }, onConflict: "skip" })
  return { path }
})

const exists = (kernel: Graph, path: string) =>
  kernel.effect.get(path).pipe(
    Effect.as(true),
    Effect.catchIf(isNotFound, () => Effect.succeed(false))
  )
