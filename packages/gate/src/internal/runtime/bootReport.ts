import { GatewayBootError, type ListenFailure, type ModuleFailure } from "../../GatewayBootError.ts"
import type { ModuleState } from "../../ModuleState.ts"

const afterWhat = ({ waitedFor }: ModuleFailure): string =>
  waitedFor.length === 0 ? "" : ` (it needs ${waitedFor.join(", ")}, which had started)`

const others = (states: ReadonlyArray<ModuleState>): ReadonlyArray<string> =>
  states.flatMap(({ id, status, waitingOn }) => {
    if (status === "starting") return [`  ${id} was still starting`]
    if (status !== "planned") return []
    return [waitingOn.length === 0 ? `  ${id} had not begun` : `  ${id} was waiting for ${waitingOn.join(", ")}`]
  })

/** One readable report of a start that failed. `states` are those from before anything was released. */
export const bootError = (
  product: string,
  states: ReadonlyArray<ModuleState>,
  failures: ReadonlyArray<ModuleFailure>,
  listen: ReadonlyArray<ListenFailure> = []
): GatewayBootError => {
  const rest = others(states)
  const lines = [
    `${product} did not start.`,
    ...failures.map((failure) => `  module ${failure.module}: ${failure.reason}${afterWhat(failure)}`),
    ...listen.map(({ address, reason }) => `  cannot listen on ${address}: ${reason}`),
    ...(rest.length === 0 ? [] : ["When it was given up:", ...rest]),
    "Everything that had been started was released again."
  ]
  return new GatewayBootError({ product, failures, listen, states, message: lines.join("\n") })
}
