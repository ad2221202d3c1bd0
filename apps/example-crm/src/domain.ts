import { defineDomain } from "@portico/domain"
import { READ, USE } from "@portico/schema"
import { makeDeps } from "./deps.ts"
import { Env } from "./env.ts"
import { inbound } from "./functions/inbound.ts"
import { seed } from "./functions/seed.ts"
import { methods } from "./runtime/index.ts"
import { schema } from "./schema/index.ts"

/** The manifest: everything that an operator agrees to by installing this. */
export const crm = defineDomain({
  schema,
  version: "0.1.0",
  env: Env,
  deps: makeDeps,
  methods,
  functions: { seed, inbound },
  owns: ["/contacts", "/projects"],
  // Projects may be anywhere, so `assign` sees them with its caller's eyes. That is all: what methods
  // write, they write as the domain, which holds every bit on the folders that it owns.
  acts: { nodes: ["/"], perms: READ },
  grants: { authenticated: READ | USE },
  postInstall: seed
})
