import * as Effect from "effect/Effect"
import { AuthInternals } from "../AuthInternals.ts"
import { signInPage } from "../pages/signInPage.ts"

/** The page that asks who somebody is, with all ways in that there are here. */
export const askWho = (options: Omit<Parameters<typeof signInPage>[0], "passkeys" | "providers">) =>
  Effect.map(AuthInternals, ({ passkeys, providers }) =>
    signInPage({ ...options, passkeys: passkeys.party !== undefined, providers: providers.all })
  )
