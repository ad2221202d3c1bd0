/**
 * What `--class`, `--where` and `--order` mean, as `listChildren` and `query` take it.
 */
import type { JsonObject } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { parseAssignments } from "../Params.ts"
import { usage } from "./failure.ts"
import { parseJson } from "./params/words.ts"

/** What the flags say. */
export interface FindingInput {
  readonly class: Option.Option<string>
  readonly where: ReadonlyArray<string>
  readonly order: ReadonlyArray<string>
}

const condition = (word: string): Effect.Effect<JsonObject, ReturnType<typeof usage>> => {
  if (word.startsWith("{")) {
    const json = parseJson(word)
    // It begins like an object, so if it is JSON it is one.
    return json === undefined ? Effect.fail(usage(`--where ${word} is not JSON`)) : Effect.succeed(json as JsonObject)
  }
  const parsed = parseAssignments([word], true)
  if (Result.isFailure(parsed)) return Effect.fail(usage(parsed.failure.message, whereHelp))
  const [test] = Object.values(parsed.success)
  // `company=ACME` says no test, and means what it looks like.
  const key = Object.keys(parsed.success)[0] ?? ""
  return Effect.succeed(typeof test === "object" ? parsed.success : { [key]: { eq: test ?? null } })
}

const whereHelp = "Write for example --where company=ACME --where age.gte:=18"

const orderBy = (word: string): readonly [string, "asc" | "desc"] => {
  const cut = word.lastIndexOf(":")
  const direction = word.slice(cut + 1)
  return cut > 0 && (direction === "asc" || direction === "desc") ? [word.slice(0, cut), direction] : [word, "asc"]
}

/** The params that the flags mean; none for what was not said. */
export const findingParams = (input: FindingInput) =>
  Effect.gen(function* () {
    const conditions = yield* Effect.forEach(input.where, condition)
    return {
      ...Option.match(input.class, { onNone: () => ({}), onSome: (of) => ({ class: of }) }),
      ...(conditions.length === 0 ? {} : { where: { and: conditions } }),
      ...(input.order.length === 0 ? {} : { order: input.order.map(orderBy) })
    }
  })
