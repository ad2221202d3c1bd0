import * as Context from "effect/Context"
import type * as Scope from "effect/Scope"
import { GateError } from "../../GateError.ts"
import type { PlannedDefinition } from "../../Plan.ts"
import { Endpoint } from "../http/Endpoint.ts"
import type { StateBoard } from "./StateBoard.ts"

/** What a module has while it is up. */
export interface Live {
  readonly scope: Scope.Closeable
  /** Only the services that it says it provides. */
  readonly provided: Context.Context<never>
}

/**
 * One module of a running product. Others reach it only through this cell, at the time they need it, so nothing stale
 * survives when what is in it changes.
 */
export class ModuleCell {
  readonly planned: PlannedDefinition
  readonly endpoints: ReadonlyArray<Endpoint>
  live: Live | undefined = undefined

  private readonly board: StateBoard

  constructor(planned: PlannedDefinition, board: StateBoard) {
    this.planned = planned
    this.board = board
    this.endpoints = planned.routes.flatMap(({ planned: routes, route: declared }) =>
      routes.map(
        (route) =>
          new Endpoint(route, () => (route.handled ? this.unavailable() : GateError.make("NOT_IMPLEMENTED")), {
            longBody: "longBody" in declared && declared.longBody === true
          })
      )
    )
  }

  /** Why nobody can use what is in it, now. */
  unavailable(): GateError {
    const { displayName, id } = this.planned.planned
    const { reason, status } = this.board.get(id)
    return GateError.make("UNAVAILABLE", `${displayName} is ${status}${reason === null ? "." : `: ${reason}`}`, {
      details: { module: id, status }
    })
  }

  get id(): string {
    return this.planned.planned.id
  }

  /** The service, if this module is up and provides it. */
  service<I, S>(tag: Context.Service<I, S>): S | undefined {
    return this.live === undefined ? undefined : Context.getOrUndefined(this.live.provided, tag)
  }
}
