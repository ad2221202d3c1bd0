import { PorticoError } from "@portico/schema"

/** How far queries go. Settings of the kernel. */
export interface QueryLimits {
  /** Nodes that a `where` or an `order` may look at which no index serves. */
  readonly scan: number
  /** Edges that a query may follow in a row. */
  readonly depth: number
  /** Nodes that a query, or a count, may come by in all. */
  readonly visited: number
}

/** What is left of a limit; taking more than that is refused. */
export class Budget {
  #left: number
  readonly #refuse: () => never

  constructor(size: number, refuse: () => never) {
    this.#left = size
    this.#refuse = refuse
  }

  get left(): number {
    return this.#left
  }

  spend(count: number): void {
    this.#left -= count
    if (this.#left < 0) this.#refuse()
  }
}

/** The budget of nodes that a whole call may come by. */
export const visitedBudget = (max: number): Budget =>
  new Budget(max, () => {
    throw PorticoError.make("LIMIT_EXCEEDED", `a query comes by at most ${max} nodes; ask for less of the graph`, {
      limit: "visited",
      max
    })
  })
