import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { D } from "../../schema/index.ts"
import type { Graph } from "../Graph.ts"
import { contactPath } from "./contactPath.ts"
import { type NewContact, propsOf } from "./createContact.ts"

/** What came of many contacts. */
export interface Added {
  readonly created: number
  /** Were there already, and are as they were. */
  readonly known: number
}

/** Contacts that are on their way into the graph at once. As many more are read only when these are there. */
const atOnce = 8

/**
 * Makes contacts as they come. Sent again, what was made the first time is known: whoever lost the connection begins
 * anew, and nothing is there twice.
 */
export const addContacts = (
  kernel: Graph,
  contacts: Stream.Stream<NewContact, PorticoError>
): Effect.Effect<Added, PorticoError> =>
  contacts.pipe(
    Stream.mapEffect(
      (contact) =>
        kernel.effect.create(D.Contact, {
          path: contactPath(contact.email),
          props: propsOf(contact),
          onConflict: "skip"
        }),
      { concurrency: atOnce }
    ),
    Stream.runFold(
      (): Added => ({ created: 0, known: 0 }),
      ({ created, known }, one) => (one.created ? { created: created + 1, known } : { created, known: known + 1 })
    )
  )
