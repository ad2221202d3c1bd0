import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AuthInternals } from "../AuthInternals.ts"
import { passkeySection } from "../pages/passkeySections.ts"
import { passwordSection } from "../pages/passwordSection.ts"
import { secondFactorSection } from "../pages/secondFactorPages.ts"
import type { AtBrowser } from "../sessions/browser.ts"
import { isFresh } from "../sessions/freshSession.ts"

/** What the page says of the ways in which somebody signs in, as markup. */
export const waysOf = (person: AtBrowser) =>
  Effect.gen(function* () {
    const { passkeyStore, passkeys, secondFactor, signIn } = yield* AuthInternals
    const { csrf, node } = person
    const fresh = isFresh(person, yield* Clock.currentTimeMillis)
    const own = passkeys.party === undefined ? undefined : yield* passkeyStore.list(node.id)
    // A code is asked for beside a password: who has none needs none.
    const hasPassword = yield* signIn.hasPassword(node.id)
    const second = {
      isOn: yield* secondFactor.isOn(node.id),
      codesLeft: yield* secondFactor.codesLeft(node.id),
      isFresh: fresh,
      csrf
    }
    return [
      passwordSection({ hasPassword, csrf }),
      own === undefined ? "" : passkeySection({ passkeys: own, csrf, isFresh: fresh }),
      hasPassword ? secondFactorSection(second) : ""
    ].join("\n")
  })
