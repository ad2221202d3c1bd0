import { GateError } from "@portico/gate"
import * as Effect from "effect/Effect"
import { AuthInternals } from "../AuthInternals.ts"

const message = "This is the only way in. Set a password or add another way before it is removed."
const lastWay = GateError.make("INVALID_PARAMS", message, {
  details: { issues: [{ path: ["id"], code: "invalid", message }] }
})

/** Refuses to take the only way away in which somebody signs in: a password, a passkey or an account elsewhere. */
export const keepOneWay = (identity: string) =>
  Effect.gen(function* () {
    const { passkeyStore, passkeys, providers, signIn } = yield* AuthInternals
    const links = yield* providers.links.list(identity)
    const own = passkeys.party === undefined ? [] : yield* passkeyStore.list(identity)
    if (links.length + own.length <= 1 && !(yield* signIn.hasPassword(identity))) return yield* lastWay
  })
