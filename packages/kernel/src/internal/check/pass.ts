import type { Graph } from "../store/Graph.ts"
import type { Violation } from "./checks.ts"

/** What one page of a pass came to. */
export interface Page<At> {
  readonly found: ReadonlyArray<Violation>
  /** Where the next page begins; undefined at the end. */
  readonly next: At | undefined
  /** Takes what was counted into the whole. Called once, where the page itself may be read twice. */
  readonly count?: () => void
}

/** One walk over a table, a page at a time, so that no more than a page is ever in memory. */
export interface Pass<At> {
  readonly start: At
  readonly page: (graph: Graph, at: At) => Page<At>
}

/** A pass whose place nobody else needs to know. */
export interface AnyPass {
  /** Reads one page; gives what was found, and whether there is more. */
  readonly next: (graph: Graph) => Page<unknown>
  /** Goes on behind it. */
  readonly advance: (page: Page<unknown>) => void
}

export const passOf = <At>({ page, start }: Pass<At>): AnyPass => {
  let at = start
  return {
    next: (graph) => page(graph, at),
    advance: ({ next }) => {
      // Boundary: what `page` of this very pass gave.
      if (next !== undefined) at = next as At
    }
  }
}

/** Rows of one page: fewer where each look-up is a round trip, after which the page is read again from its start. */
export const pageRows = ({ sql }: Graph): number => (sql.dialect === "sqlite" ? 500 : 50)
