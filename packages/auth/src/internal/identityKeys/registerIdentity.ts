import type { DatabaseError } from "@portico/gate/database"
import type { Authority, KernelCallableCall, KernelService, NodeView } from "@portico/kernel"
import { ALL, K, Mask, type ParamsOf, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { type Audit, originOf } from "../audit.ts"
import { storeFailures } from "../delegation/mint.ts"
import { registersKeys } from "../identities.ts"
import { checkKeyProof } from "../proof/keyProof.ts"
import type { IdentityKeys } from "./identityKeys.ts"

/** `typ` of the statement by which a key is registered. */
export const keyProofType = "portico-key-proof+jwt"

/** What `I::registerIdentity` answers. */
export interface Registered {
  readonly iss: string
  readonly sub: string
  readonly jkt: string
}

export interface RegisterTools {
  readonly kernel: KernelService
  readonly keys: IdentityKeys
  readonly audit: Audit
  readonly issuer: string
}

// Boundary: the kernel has checked the params against the contract that this type comes from.
type Params = ParamsOf<typeof K.Identity.registerIdentity>

/** The implementation of `I::registerIdentity`. */
export const makeRegister = ({ audit, issuer, kernel, keys }: RegisterTools) => {
  /** A domain has no credential of its own: whoever may install one says which key is its. */
  const mayRegister = (authority: Authority): Effect.Effect<void, PorticoError> =>
    Effect.flatMap(kernel.mask(authority, "/"), (mask) =>
      mask === ALL && isWholly(authority, authority.actor) ? Effect.void : Effect.fail(onlyInstallers)
    )

  const register = Effect.fnUntraced(function* (
    authority: Authority,
    self: NodeView,
    { signingKey }: Params
  ): Effect.fn.Return<Registered, PorticoError | DatabaseError> {
    const isDomain = self.class === K.Domain.ref
    if (isDomain) yield* mayRegister(authority)
    else if (!isWholly(authority, self.id)) return yield* Effect.fail(onlyItself(self))
    if (!registersKeys(self)) return yield* Effect.fail(noHolder(self))
    const { proof, publicKey } = signingKey
    const demand = { type: keyProofType, key: publicKey, audience: issuer, claims: { sub: self.id } }
    const { jkt } = yield* Effect.mapError(checkKeyProof(proof, demand), (reason) =>
      PorticoError.make("INVALID_PARAMS", `signingKey.proof: ${reason}`, {
        issues: [{ path: ["signingKey", "proof"], code: "proof", message: reason }]
      })
    )
    const key = { jkt, identity: self.id, x: publicKey.x }
    // A Domain is named by its origin.
    yield* isDomain ? keys.pin({ ...key, origin: self.slug }) : keys.add(key)
    const actor = isDomain ? (authority.actor ?? undefined) : undefined
    const from = originOf(authority)
    yield* audit.write({ event: "identity-key.registered", identity: self.id, actor, from, details: { jkt } })
    return { iss: issuer, sub: self.id, jkt }
  })

  return ({ authority, params, self }: KernelCallableCall): Effect.Effect<Registered, PorticoError> =>
    self === undefined
      ? Effect.die(new Error("registerIdentity is called on an identity"))
      : storeFailures(register(authority, self, params as Params))
}

/** A key outlives the call: nobody registers one with a narrowed credential, nor a function in its caller's name. */
const isWholly = ({ depth, halves }: Authority, id: string | null): boolean => {
  const [half] = halves
  return id !== null && depth === 0 && half?.kind === "caller" && half.identity === id && half.bounds.length === 0
}

const onlyItself = ({ path }: NodeView): PorticoError =>
  PorticoError.make("PERMISSION_DENIED", `Only ${path} itself registers its keys, with a credential of its own.`, {
    on: path
  })

const onlyInstallers = PorticoError.make(
  "PERMISSION_DENIED",
  "Only who holds every bit on / says which key is a domain's, with a credential that nothing narrows.",
  { needs: Mask.names(ALL), on: "/", phase: "resource" }
)

const noHolder = ({ path }: NodeView): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${path} is no User, Service or Domain.`, {
    issues: [{ path: ["self"], code: "class", message: "has to be a User, a Service or a Domain" }]
  })
