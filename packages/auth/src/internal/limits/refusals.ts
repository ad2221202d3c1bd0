import type { GateError } from "@portico/gate"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Origin } from "../../AuditEvent.ts"
import { Allowance } from "./Allowance.ts"
import { addressKey } from "./addressKey.ts"
import type { Limits } from "./limits.ts"

/** Bounds what it costs to be shown bad credentials. */
export interface Refusals {
  /** Why credentials from there are not looked at for the moment. */
  readonly reasonNot: (from: Origin) => GateError | undefined
  /** One was refused. */
  readonly count: (from: Origin) => Effect.Effect<void>
}

/** `clock` is the module's: requests are authenticated before they get any module's services. */
export const makeRefusals = (limits: Limits, clock: Clock.Clock): Refusals => {
  const allowance = new Allowance(limits.rules.refused, limits, clock)
  return {
    reasonNot: ({ address }) => allowance.refusal(addressKey(address)),
    count: ({ address }) => Effect.ignore(allowance.take(addressKey(address), 1))
  }
}
