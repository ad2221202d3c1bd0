import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../../../contracts/Caller.ts"

/** A request that shows a good credential. */
export interface KnownRequest {
  readonly headers: Readonly<Record<string, string>>
  /** What of the headers must be told to nobody. */
  readonly secret: string
  /** Who makes it. */
  readonly caller: Pick<Caller, "id" | "kind" | "name" | "operator">
}

/** Requests of which it is known what they come to: how tests look at a provider of `Authenticator`. */
export class KnownRequests extends Context.Service<
  KnownRequests,
  {
    /** Somebody who is no operator. */
    readonly person: KnownRequest
    readonly operator: KnownRequest
    /** Headers with a bad credential, by what is wrong with it: malformed, unknown, expired, whatever there is. */
    readonly refused: Readonly<Record<string, Readonly<Record<string, string>>>>
    /** Takes back the credential of `person`. */
    readonly revoke: Effect.Effect<void, unknown>
  }
>()("@portico/gate/testing/KnownRequests") {}
