import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { kernelLayer } from "../../src/index.ts"
import { database, extensions } from "../support/kernel.ts"
import { checkSequences } from "./sequences.ts"

/** How many, and which: for a longer search, or for one of which only the seed was printed. */
const runs = Number(process.env.PORTICO_TEST_SEQUENCES ?? 300)
const seed = process.env.PORTICO_TEST_SEED ?? "portico"

/**
 * A server is asked by several at once, and less is looked at after each step, since each look is a way there and back.
 * What a sequence begins with is made once for several of them.
 */
const pace =
  process.env.PORTICO_TEST_DATABASE === "postgres"
    ? { lanes: 8, looks: 1, uses: 5, most: 8, pulls: 1 as const, every: 4 }
    : { lanes: 1, uses: 1, pulls: 2 as const, every: 1 }

/** What is deleted, and its history, is kept for no longer than the clock stands still. */
const layer = kernelLayer({ keepTrash: 1, keepHistory: 1 }).pipe(
  Layer.provideMerge(database),
  Layer.provide(extensions())
)

it.effect(
  "any sequence of calls by any callers comes to what the model says",
  () => Effect.map(checkSequences(layer, { runs, seed, ...pace }), (checked) => expect(checked).toBe(runs)),
  3_600_000
)
