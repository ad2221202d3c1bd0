import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { D } from "../../schema/index.ts"
import type { Graph } from "../Graph.ts"

/** A contact, and what it works on. */
export interface Entry {
  readonly path: string
  readonly email: string
  readonly name?: string
  readonly company?: string
  /** Paths of projects. */
  readonly projects: ReadonlyArray<string>
}

/** Contacts that are read at once. */
const pageSize = 100

/**
 * Everybody whom the caller may see, with the projects that they may see, in the order of paths. It is read as it is
 * taken: however many there are, a page of them is in memory. The domain itself may see all of `/contacts`, so this
 * takes its caller's half alone.
 */
export const directory = (caller: Graph): Stream.Stream<Entry, PorticoError> => {
  const pages = Stream.paginate(undefined as string | undefined, (cursor) =>
    Effect.map(
      caller.effect.listChildren(D.Contact, "/contacts", { limit: pageSize, cursor }),
      ({ next, nodes }) =>
        [nodes, Option.map(Option.fromUndefinedOr(next), (more): string | undefined => more)] as const
    )
  )
  return Stream.mapEffect(pages, ({ id, path, props: { company, email, name } }) =>
    Effect.map(
      caller.effect.getLinks({ id }, { edge: D.works_on, direction: "out", with: "nodes" }),
      ({ nodes = [] }): Entry => ({
        path,
        email,
        ...(name === undefined ? {} : { name }),
        ...(company === undefined ? {} : { company }),
        projects: nodes.map((project) => project.path)
      })
    )
  )
}
