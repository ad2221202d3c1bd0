import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Enrichment, Profile } from "../../integrations/enrichment/port.ts"
import { D } from "../../schema/index.ts"
import type { Graph } from "../Graph.ts"

/** A contact as its method gets it. */
export interface Known {
  readonly id: string
  readonly rev: number
  readonly props: { readonly email: string; readonly name?: string | undefined; readonly company?: string | undefined }
}

/** What the service knows and we do not. What people entered stays. */
const missing = (contact: Known, profile: Profile): Profile => ({
  ...(contact.props.name === undefined && profile.name !== undefined ? { name: profile.name } : {}),
  ...(contact.props.company === undefined && profile.company !== undefined ? { company: profile.company } : {})
})

/**
 * Asks the service about a contact and fills in what is missing. Somebody may
 * edit the contact while we wait: then this fails with REV_CONFLICT and overwrites nothing.
 */
export const enrich = Effect.fnUntraced(function* (
  kernel: Graph,
  enrichment: Enrichment,
  contact: Known
): Effect.fn.Return<Profile & { readonly found: boolean }, PorticoError> {
  const profile = yield* enrichment.lookup(contact.props.email)
  if (Option.isNone(profile)) return { found: false }
  const props = missing(contact, profile.value)
  if (Object.keys(props).length > 0) {
    yield* kernel.effect.update(D.Contact, contact, { props, ifRev: contact.rev })
  }
  return { found: true, ...profile.value }
})
