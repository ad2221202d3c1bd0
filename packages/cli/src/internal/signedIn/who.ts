/**
 * Who the command is at an instance.
 */
import { PorticoClient } from "@portico/client"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { decode } from "../answers.ts"
import { CliFailure } from "../failure.ts"
import { instanceUrl, nameOfInstance } from "../instanceUrl.ts"
import { shownTo } from "../token.ts"

const Who = Schema.Struct({ id: Schema.String, path: Schema.String })

/** A client of an instance that shows a token, or nothing. */
export const clientFor = (url: URL, token: string | undefined) =>
  PorticoClient.make({ url: nameOfInstance(url), ...(token === undefined ? {} : { token }) }).effect

/** The identity that a token stands for. */
export const who = (url: URL, token: string | undefined) =>
  Effect.flatMap(
    clientFor(url, token).call("/:kernel.portico.dev:interface.Identity:whoami"),
    decode(Who, "an identity")
  )

export const nobody = (instance: string) =>
  new CliFailure({
    exit: ExitCode.notSignedIn,
    code: "SIGNED_OUT",
    message: `you are nobody at ${instance}`,
    next: `Sign in: portico auth login -i ${instance}`
  })

/** The identity behind what is shown at the instance that the flags name. Without a credential there is nobody to ask for. */
export const here = Effect.gen(function* () {
  const url = yield* instanceUrl
  const instance = nameOfInstance(url)
  const shown = yield* shownTo(url)
  if (shown === undefined) return yield* nobody(instance)
  return { url, instance, from: shown.from, token: shown.token, identity: yield* who(url, shown.token) }
})
