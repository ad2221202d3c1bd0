import type * as Context from "effect/Context"
import { GateError } from "../../GateError.ts"
import { Endpoint } from "../http/Endpoint.ts"
import type { Inside } from "./inside.ts"
import { builtinRoutes } from "./routes.ts"

/** The framework's own routes, ready to answer. */
export const builtinEndpoints = (inside: () => Inside, services: Context.Context<never>): ReadonlyArray<Endpoint> =>
  builtinRoutes(inside).map(({ handle, planned: [info], reads }) => {
    const endpoint = new Endpoint(info, () => GateError.make("UNAVAILABLE"), { reads })
    endpoint.target = { handler: handle, services, base: services }
    return endpoint
  })
