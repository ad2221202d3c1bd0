import { Gateway } from "@portico/gate"
import { Kernel, SchemaInstaller } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { DomainHost } from "./DomainHost.ts"

/** Settings of the domain host, with keys that start with `domains.`. */
export const DomainHostConfig = Schema.Struct({
  bundled: Gateway.setting(Schema.String, {
    env: "PORTICO_BUNDLED_DOMAINS",
    description: "Which of the domains that come with the product are installed: all, none, or origins with commas."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("all")))
})

/** Hosts domains in this process. */
export const DomainHostModule = Gateway.module.define({
  id: "domains",
  displayName: "Domains",
  requires: [Kernel, SchemaInstaller],
  provides: [DomainHost],
  layer: Layer.effect(
    DomainHost,
    Effect.gen(function* () {
      yield* Kernel
      yield* SchemaInstaller
      return yield* Effect.die(new Error("being written"))
    })
  ),
  config: DomainHostConfig,
  owns: [DomainHost.localDomains]
})
