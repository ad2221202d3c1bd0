import * as Command from "effect/cli/Command"
import { everywhere } from "../flags.ts"
import { access } from "./access.ts"
import { admin } from "./admin.ts"
import { audit } from "./audit.ts"
import { auth } from "./auth.ts"
import { backup } from "./backup.ts"
import { call } from "./call.ts"
import { config } from "./config.ts"
import { describe } from "./describe.ts"
import { domain } from "./domain.ts"
import { enroll } from "./enroll.ts"
import { export_ } from "./export.ts"
import { generate } from "./generate.ts"
import { get } from "./get.ts"
import { history } from "./history.ts"
import { import_ } from "./import.ts"
import { kernel } from "./kernel.ts"
import { keys } from "./keys.ts"
import { ls } from "./ls.ts"
import { plan } from "./plan.ts"
import { query } from "./query.ts"
import { restart } from "./restart.ts"
import { restore } from "./restore.ts"
import { start } from "./start.ts"
import { status } from "./status.ts"
import { trust } from "./trust.ts"
import { watch } from "./watch.ts"

/** `portico`. What a command does beyond reading its flags is loaded when it runs. */
export const root = Command.make("portico").pipe(
  Command.withDescription("Runs a Portico instance, and looks at and changes what is in one."),
  Command.withExamples([
    { command: "portico start", description: "Run an instance on http://localhost:4000" },
    { command: "portico ls /", description: "In a second terminal: look around" },
    { command: "portico call /:kernel.portico.dev:interface.Identity:whoami" }
  ]),
  Command.withSubcommands([
    start,
    plan,
    generate,
    config,
    status,
    restart,
    call,
    get,
    ls,
    query,
    describe,
    watch,
    history,
    import_,
    export_,
    domain,
    kernel,
    backup,
    restore,
    admin,
    auth,
    access,
    trust,
    enroll,
    keys,
    audit
  ]),
  Command.withGlobalFlags(everywhere)
)
