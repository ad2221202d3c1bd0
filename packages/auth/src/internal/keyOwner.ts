import { GateError } from "@portico/gate"
import { Authority, Kernel, type NodeView } from "@portico/kernel"
import { ALL } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { holdsCredentials } from "./identities.ts"

/**
 * Node id of the identity that a key or a list of keys is for: the caller's own, or, for whoever holds every bit on
 * `/`, anybody's who may have such keys (`isOne`): Users and Services, unless told. Somebody with less could gain by acting as another, and is refused.
 */
export const keyOwner = Effect.fnUntraced(function* (
  caller: { readonly id: string },
  address: string | undefined,
  isOne: (node: NodeView) => boolean = holdsCredentials
) {
  if (address === undefined) return caller.id
  const kernel = yield* Kernel
  // One need not be able to READ oneself.
  const own = yield* kernel.node(address)
  if (Option.isSome(own) && own.value.id === caller.id) return caller.id
  const authority = Authority.identity(caller.id)
  const node = yield* kernel.resolve(authority, address)
  if ((yield* kernel.mask(authority, "/")) !== ALL) {
    return yield* GateError.make("PERMISSION_DENIED", "Only who holds every bit on / makes keys for somebody else.", {
      details: { needs: ["READ", "EDIT", "USE", "SHARE"], on: "/", phase: "resource" }
    })
  }
  if (!isOne(node)) {
    return yield* GateError.make("INVALID_PARAMS", `${node.path} has no keys.`, {
      details: { issues: [{ path: ["identity"], code: "class", message: "has to be an identity that has keys" }] }
    })
  }
  return node.id
})
