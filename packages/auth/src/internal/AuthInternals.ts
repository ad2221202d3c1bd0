import * as Context from "effect/Context"
import type { Wired } from "./makeAuth.ts"

/** What the module's own routes and notices need beyond {@link Auth}. Not for other modules. */
export class AuthInternals extends Context.Service<AuthInternals, Wired>()("@portico/auth/internal/AuthInternals") {}
