import { timingSafeEqual } from "node:crypto"
import { GateError, Gateway } from "@portico/gate"
import { Authenticator, type Caller } from "@portico/gate/contracts"
import { Authority, Kernel } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { linksFolder } from "./Links.ts"

const EditorsConfig = Schema.Struct({
  token: Gateway.setting(Schema.Redacted(Schema.String.check(Schema.isMinLength(16))), {
    env: "PORTICO_EDITORS_TOKEN",
    description: "The shared token of everybody who may add links. At least 16 characters."
  })
})

const editors = "/identities/editors"
const create = "/:kernel.portico.dev:interface.Node:createNode"

/** Makes the one identity that all editors share, if it is not there yet, and lets it write below `/links`. */
const ensureEditors = Effect.gen(function* () {
  const kernel = yield* Kernel
  const { result } = yield* kernel.call(Authority.system, {
    path: create,
    params: {
      class: "/:kernel.portico.dev:class.Service",
      path: editors,
      props: { name: "Editors" },
      onConflict: "skip"
    }
  })
  yield* kernel.call(Authority.system, {
    path: `${editors}::grantPerm`,
    params: { node: linksFolder, perms: ["READ", "EDIT"] }
  })
  // The kernel's own contract for createNode.
  return (result as { readonly id: string }).id
})

const matches = (given: string, expected: string): boolean => {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Who the caller is, in this product: whoever knows the shared token is "the editors". The framework asks any provider
 * of its `Authenticator` contract; the auth module of the distro is another one.
 */
export const EditorsModule = Gateway.module.define({
  id: "editors",
  displayName: "Editors",
  version: "1.0.0",
  requires: [Kernel],
  // The folder that editors may write in is made there.
  after: ["links"],
  provides: [Authenticator],
  config: EditorsConfig,
  layer: Layer.effect(
    Authenticator,
    Effect.gen(function* () {
      const { token } = yield* Gateway.config(EditorsConfig)
      const caller: Caller = {
        id: yield* ensureEditors,
        kind: "Service",
        name: "Editors",
        operator: true,
        credential: { kind: "shared-token" }
      }
      return {
        authenticate: (request) => {
          const header = request.headers.authorization
          if (header === undefined) return Effect.succeed(Option.none())
          return matches(header, `Bearer ${Redacted.value(token)}`)
            ? Effect.succeed(Option.some(caller))
            : Effect.fail(GateError.make("UNAUTHENTICATED", "That is not the editors' token."))
        }
      }
    })
  )
})
