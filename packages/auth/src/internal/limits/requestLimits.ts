import type { RequestLimitsService } from "@portico/gate"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ApiKeyKind } from "../apiKeys.ts"
import { Allowance } from "./Allowance.ts"
import { addressKey } from "./addressKey.ts"
import type { Limits } from "./limits.ts"

/** Whoever may read the data folder has to get in also while others keep the instance busy. */
const unlimited: ApiKeyKind = "operator-token"

/** Gate's contract: identities are limited by themselves, wherever they call from, and everybody else by address. */
export const makeRequestLimits = (limits: Limits, clock: Clock.Clock): RequestLimitsService => {
  const known = new Allowance(limits.rules.calls, limits, clock)
  const unknown = new Allowance(limits.rules.anonymous, limits, clock)
  return {
    take: (caller, request, calls) => {
      if (Option.isNone(caller)) return unknown.take(addressKey(Option.getOrUndefined(request.remoteAddress)), calls)
      const { credential, id } = caller.value
      return credential.kind === unlimited ? Effect.void : known.take(id, calls)
    }
  }
}
