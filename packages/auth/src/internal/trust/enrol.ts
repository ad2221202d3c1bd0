import { GateError } from "@portico/gate"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import { isPorticoError, type PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Origin } from "../../AuditEvent.ts"
import type { NewApiKey } from "../../Auth.ts"
import type { ApiKeys } from "../apiKeys.ts"
import type { Audit } from "../audit.ts"
import { addressKey } from "../limits/addressKey.ts"
import { attemptAll, makeThrottle } from "../limits/throttle.ts"
import { admit, type Refusal } from "./admit.ts"
import type { Enrolled } from "./enrolled.ts"
import type { TrustStore } from "./trustStore.ts"

/** Longest time in seconds that a key of a `policy` credential is good, which can be shown again for another one. */
const policyKeyLifetime = 86_400

/** What somebody who came in is given. */
export interface Entry {
  readonly identity: { readonly id: string; readonly path: string }
  readonly apiKey: NewApiKey
}

/** Lets in whoever shows a good enrolment credential. */
export interface Enrol {
  /** Every refusal is the same `UNAUTHENTICATED`; the audit log has the reason. */
  readonly enrol: (
    shown: { readonly credential: string; readonly proof?: string | undefined },
    from: Origin
  ) => Effect.Effect<Entry, GateError | DatabaseError>
}

export interface EnrolOptions {
  /** Public keys in hexadecimal. */
  readonly roots: ReadonlySet<string>
  readonly issuer: string
  readonly store: TrustStore
  readonly enrolled: Enrolled
  readonly keys: Pick<ApiKeys, "create">
  readonly audit: Audit
  /** The database, where other processes enrol on it, too. */
  readonly shared: DatabaseService | undefined
}

const refused = GateError.make("UNAUTHENTICATED", "The enrolment was refused.")

/** Steps before anybody of ours has signed anything: their refusals can be caused by anyone. */
const byAnyone: ReadonlySet<string> = new Set(["parse", "root", "structure", "signature"])

export const makeEnrol = (options: EnrolOptions): Enrol => {
  const { audit, enrolled, issuer, keys, roots, store } = options
  const throttle = makeThrottle({ name: "enrolment", free: 30, base: 1_000, max: 600_000 }, options.shared)

  const tell = ({ reason, said, step }: Refusal, from: Origin) => {
    const details = { step, reason, ...(said === undefined ? undefined : { credential: said }) }
    const event = { event: "enrolment.refused", from, details }
    return Effect.ignore(byAnyone.has(step) ? audit.writeRefusal(event) : audit.write(event))
  }

  const enter = Effect.fnUntraced(function* (
    credential: string,
    proof: string | undefined,
    from: Origin,
    now: number
  ): Effect.fn.Return<Entry, Refusal | PorticoError | DatabaseError> {
    const admitted = yield* admit(credential, proof, { roots, audience: issuer, now, spend: store.spend })
    const { enrolment } = admitted
    const identity = yield* enrolled.identityOf(admitted)
    const left = Math.floor((enrolment.expiresAt - now) / 1_000)
    const apiKey = yield* keys.create(identity.id, {
      name: `enrolment ${enrolment.nonce}`,
      kind: "enrolment",
      expiresIn: Math.max(1, enrolment.type === "ott" ? left : Math.min(left, policyKeyLifetime))
    })
    const details = { credential: enrolment, apiKey: apiKey.id }
    yield* audit.write({ event: "enrolment.admitted", identity: identity.id, from, details })
    return { identity, apiKey }
  })

  return {
    enrol: ({ credential, proof }, from) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const address = addressKey(from.address)
        yield* attemptAll([[throttle, address]])
        const entry = yield* enter(credential, proof, from, now).pipe(
          Effect.catch((error) => {
            if (isRefusal(error)) return Effect.andThen(tell(error, from), Effect.fail(refused))
            // What the graph or its limits refuse is a refusal, too; a store that is away lets nobody in.
            return isPorticoError(error) && error.status < 500
              ? Effect.andThen(tell({ step: "identity", reason: error.message }, from), Effect.fail(refused))
              : Effect.andThen(Effect.logError("An enrolment failed.", error), Effect.fail(unavailable))
          })
        )
        yield* throttle.refund(address)
        return entry
      })
  }
}

const isRefusal = (error: unknown): error is Refusal => Predicate.hasProperty(error, "step")

const unavailable = GateError.make("UNAVAILABLE", "Nobody can enrol just now.")
