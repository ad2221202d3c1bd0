/** What pages and programs do alike about a second factor. */
import type { NodeView } from "@portico/kernel"
import * as Effect from "effect/Effect"
import { AuthInternals } from "../AuthInternals.ts"
import { nameOf } from "../identities.ts"
import { uriOf } from "../secondFactor/codes.ts"
import type { AtBrowser } from "../sessions/browser.ts"
import { originOfForm } from "./answers.ts"

/** What an app reads to show codes of a secret. */
export const appUri = (node: NodeView, secret: string) =>
  Effect.flatMap(AuthInternals, ({ auth }) => uriOf({ secret, issuer: new URL(auth.issuer).host, label: nameOf(node) }))

/** Other recovery codes for whoever has a code; those of before are worth nothing. */
export const renewedCodes = (person: AtBrowser, code: string) =>
  Effect.gen(function* () {
    const { secondFactor } = yield* AuthInternals
    return yield* secondFactor.renew(person.node.id, code.slice(0, 100), yield* originOfForm(person))
  })

/** Turns it off for whoever has the password. */
export const turnedOff = (person: AtBrowser, password: string) =>
  Effect.gen(function* () {
    const { auth, secondFactor, signIn } = yield* AuthInternals
    const identity = person.node.id
    const from = yield* originOfForm(person)
    yield* signIn.withPassword(`@${identity}`, password.slice(0, 1_025), from)
    yield* secondFactor.off(identity)
    yield* auth.audit({ event: "second-factor.off", identity, from })
  })
