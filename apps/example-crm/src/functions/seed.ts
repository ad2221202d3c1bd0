import { defineRemoteFunction } from "@portico/domain"
import { seed as makeSeed } from "../core/seeding/seed.ts"
import { schema } from "../schema/index.ts"

/** Runs after each install as the domain itself, so with what the domain owns and not with what its caller may do. */
export const seed = defineRemoteFunction(schema, "seed", {
  execute: ({ selfKernel }) => makeSeed(selfKernel())
})
