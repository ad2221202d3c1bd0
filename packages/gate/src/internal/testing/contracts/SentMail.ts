import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Mail } from "../../../contracts/Mailer.ts"

/** What was sent so far: how tests look at a provider of `Mailer`. */
export class SentMail extends Context.Service<
  SentMail,
  { readonly sent: Effect.Effect<ReadonlyArray<Mail & { readonly id: string }>> }
>()("@portico/gate/testing/SentMail") {}
