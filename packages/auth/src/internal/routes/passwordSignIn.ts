import { GateError } from "@portico/gate"
import type { NodeView } from "@portico/kernel"
import * as Effect from "effect/Effect"
import { AuthInternals } from "../AuthInternals.ts"
import { origin } from "./answers.ts"

const needsCode = GateError.make("UNAUTHENTICATED", "This needs a code of the second factor as well.", {
  details: { secondFactor: ["totp", "recovery code"] }
})

/** Writes down that somebody has signed in. `method` is all that they have shown. */
export const signedIn = (node: NodeView, method: string) =>
  Effect.gen(function* () {
    const { auth } = yield* AuthInternals
    yield* auth.audit({ event: "sign-in", identity: node.id, from: yield* origin, details: { with: method } })
    return { node, method }
  })

/** Signs somebody in by all that they have to show at once, as programs do. */
export const withAllAtOnce = (identity: string, password: string, code: string | undefined) =>
  Effect.gen(function* () {
    const { secondFactor, signIn } = yield* AuthInternals
    const from = yield* origin
    const node = yield* signIn.withPassword(identity, password, from)
    if (!(yield* secondFactor.isOn(node.id))) return yield* signedIn(node, "password")
    if (code === undefined) return yield* needsCode
    return yield* signedIn(node, `password and ${yield* secondFactor.check(node.id, code, from)}`)
  })
