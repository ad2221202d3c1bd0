import type { DatabaseService } from "@portico/gate/database"
import type { KernelCallable, KernelService } from "@portico/kernel"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { Audit } from "../audit.ts"
import type { Callers } from "../callers.ts"
import { type IdentityKeys, makeIdentityKeys } from "../identityKeys/identityKeys.ts"
import { makeRegister } from "../identityKeys/registerIdentity.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"
import type { Refusals } from "../limits/refusals.ts"
import type { Proofs } from "../proof/dpop.ts"
import { makeDelegationStore } from "./delegationStore.ts"
import { type Delegations, makeDelegations } from "./delegations.ts"
import { makeDelegationTokens } from "./delegationTokens.ts"
import { makeMint } from "./mint.ts"

export interface DelegationOptions {
  readonly kernel: KernelService
  readonly database: DatabaseService
  readonly audit: Audit
  readonly callers: Callers
  readonly refusals: Refusals
  readonly proofs: Proofs
  readonly signing: SigningKeys
  readonly issuer: string
  /** Seconds that a credential lasts at most. */
  readonly longest: number
}

/** What has to do with delegation, wired together. */
export interface Delegation {
  readonly delegations: Delegations
  readonly keys: IdentityKeys
  /** What this module implements of the kernel's schema. */
  readonly callables: ReadonlyArray<KernelCallable>
}

export const makeDelegation = (options: DelegationOptions): Effect.Effect<Delegation> =>
  Effect.clockWith((clock) => {
    const { audit, callers, database, issuer, kernel, longest, proofs, refusals, signing } = options
    const store = makeDelegationStore(database)
    const keys = makeIdentityKeys(database)
    const tokens = makeDelegationTokens(issuer, signing)
    const mint = makeMint({ kernel, store, keys, tokens, audit, issuer, longest })
    const register = makeRegister({ kernel, keys, audit, issuer })
    return Effect.succeed({
      keys,
      delegations: makeDelegations({ kernel, store, tokens, keys, proofs, callers, refusals, audit, issuer, clock }),
      callables: [
        { path: K.Identity.mintDelegationCredential.path, handle: mint },
        { path: K.Identity.registerIdentity.path, handle: register }
      ]
    })
  })
