import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { compactVerify } from "jose"
import {
  type Enrolment,
  enrolmentHash,
  enrolmentProofType,
  type ParsedEnrolment,
  parseEnrolment,
  structureOf
} from "../../Enrolment.ts"
import { jwkOf, verifyingKeyOf } from "../../TrustKey.ts"
import { skew } from "../clockSkew.ts"
import { checkKeyProof, fresh } from "../proof/keyProof.ts"

/** What is looked at, in this order. */
export type AdmissionStep = "parse" | "root" | "structure" | "signature" | "expiry" | "binding" | "nonce" | "identity"

/** Why somebody was not let in: for the audit log alone. */
export interface Refusal {
  readonly step: AdmissionStep
  readonly reason: string
  /** What the credential says, as far as it came to be read. */
  readonly said?: Enrolment | undefined
}

/** Somebody who may come in, and the thumbprint of the key that was proved. */
export interface Admitted {
  readonly enrolment: Enrolment
  readonly jkt?: string | undefined
}

/** What admission needs of the world. */
export interface AdmissionPorts<E> {
  readonly roots: ReadonlySet<string>
  /** URL of this instance, which proofs are for. */
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Uses a nonce up, durably, to be remembered until `until`. False where it was used before. */
  readonly spend: (nonce: string, until: number) => Effect.Effect<boolean, E>
}

const refuse = (step: AdmissionStep, reason: string, said?: Enrolment): Effect.Effect<never, Refusal> =>
  Effect.fail({ step, reason, said })

const orRefuse = <A>(result: Result.Result<A, string>, step: AdmissionStep): Effect.Effect<A, Refusal> =>
  Result.isSuccess(result) ? Effect.succeed(result.success) : refuse(step, result.failure)

/** Admission, in the order that the specification has. Nonces come last: nothing that fails before uses one up. */
export const admit = Effect.fnUntraced(function* <E>(
  credential: string,
  proof: string | undefined,
  ports: AdmissionPorts<E>
): Effect.fn.Return<Admitted, Refusal | E> {
  const parsed = yield* orRefuse(parseEnrolment(credential), "parse")
  const root = yield* rootOf(parsed, ports.roots)
  const enrolment = yield* orRefuse(structureOf(parsed), "structure")
  yield* checkSignature(credential, root, enrolment)
  yield* checkTimes(enrolment, ports.now)
  const bound = yield* checkBinding(credential, proof, enrolment, ports.audience)
  for (const [nonce, until] of noncesOf(enrolment, bound?.nonce, ports.now)) {
    if (!(yield* ports.spend(nonce, until))) return yield* refuse("nonce", "used before", enrolment)
  }
  return { enrolment, jkt: bound?.jkt }
})

const rootOf = ({ root }: ParsedEnrolment, roots: ReadonlySet<string>): Effect.Effect<string, Refusal> =>
  typeof root === "string" && roots.has(root) ? Effect.succeed(root) : refuse("root", "signed by no root of ours")

const checkSignature = (credential: string, root: string, said: Enrolment): Effect.Effect<void, Refusal> =>
  Effect.tryPromise({
    try: () => compactVerify(credential, verifyingKeyOf(root), { algorithms: ["EdDSA"] }),
    catch: (): Refusal => ({ step: "signature", reason: "not signed by that root", said })
  })

const checkTimes = (said: Enrolment, now: number): Effect.Effect<void, Refusal> => {
  if (said.issuedAt > now + skew * 1_000) return refuse("expiry", "issued in the future", said)
  return said.expiresAt > now ? Effect.void : refuse("expiry", "expired", said)
}

const checkBinding = (credential: string, proof: string | undefined, said: Enrolment, audience: string) => {
  const { endpointId } = said
  if (endpointId === undefined) return Effect.succeed(undefined)
  if (proof === undefined) return refuse("binding", "shown without its key", said)
  const demand = {
    type: enrolmentProofType,
    key: jwkOf(endpointId),
    audience,
    claims: { ath: enrolmentHash(credential) }
  }
  return Effect.flatMap(
    Effect.mapError(checkKeyProof(proof, demand), (reason): Refusal => ({ step: "binding", reason, said })),
    ({ jkt, payload: { jti } }) =>
      typeof jti === "string" && jti !== "" && jti.length <= 128
        ? Effect.succeed({ jkt, nonce: `${jkt} ${jti}` })
        : refuse("binding", "the proof has no id", said)
  )
}

/** What may be shown once: a proof, and a one-time credential. */
const noncesOf = (
  said: Enrolment,
  proof: string | undefined,
  now: number
): ReadonlyArray<readonly [string, number]> => [
  ...(proof === undefined ? [] : [[`proof ${proof}`, now + (fresh + 2 * skew) * 1_000] as const]),
  ...(said.type === "ott" ? [[`ott ${said.root} ${said.nonce}`, said.expiresAt] as const] : [])
]
