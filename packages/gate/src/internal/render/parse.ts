import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { PlanDocument } from "../../Plan.ts"

const List = Schema.Array(Schema.Record(Schema.String, Schema.Unknown))

/** As much of a document as tells it from other JSON; what lies deeper was written by `Plan.json`. */
const Outline = Schema.Struct({
  product: Schema.Struct({ id: Schema.String, name: Schema.String }),
  waves: Schema.Array(Schema.Array(Schema.String)),
  modules: List,
  services: List,
  routes: List,
  settings: List,
  extensionPoints: List,
  contributions: List,
  warnings: List,
  hash: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
})

const isOutline = Schema.is(Outline)

/** Reads what `Plan.json` wrote, or says in a few words why it cannot. */
export const parsePlan = (text: string): Result.Result<PlanDocument, string> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return Result.fail("it is not JSON")
  }
  // The outline holds, and only `Plan.json` writes such documents.
  return isOutline(value) ? Result.succeed(value as unknown as PlanDocument) : Result.fail("it is not a plan")
}
