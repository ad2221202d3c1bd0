import * as Flag from "effect/cli/Flag"
import { value } from "./flags.ts"

/** The flags of commands that find nodes. */
export const findingFlags = {
  class: value("class", "REF", "Only nodes of this class or interface").pipe(Flag.optional),
  where: value("where", "TEST", "KEY.TEST=VALUE, or conditions as JSON; several all have to hold").pipe(
    Flag.atLeast(0)
  ),
  order: value("order", "KEY", "Order by KEY, or by KEY:desc; the first counts most").pipe(Flag.atLeast(0))
}
