import * as Result from "effect/Result"
import type { Product } from "../../Product.ts"
import { declaredSettings } from "../planner/settings.ts"
import { makeSubject } from "../planner/subject.ts"
import { parseArgs } from "./args.ts"

/**
 * Reads command line flags into settings by dotted key, as {@link runMain} does: `--port=4010` gives
 * `{ "gate.port": "4010" }`. The failure is a sentence for the person who typed them.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { Gateway } from "@portico/gate"
 * import { readFlags } from "@portico/gate/node"
 *
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
 * console.log(Result.getOrThrow(readFlags(product, ["--port=4010"])))
 * ```
 */
export const readFlags = (
  product: Product,
  argv: ReadonlyArray<string>
): Result.Result<Readonly<Record<string, string>>, string> =>
  Result.flatMap(parseArgs(argv, declaredSettings(makeSubject(product, {}))), ({ config, flags, wants }) => {
    if (config !== undefined) return Result.fail("--config is no setting.")
    return wants === "start" ? Result.succeed(flags) : Result.fail(`--${wants} is no setting.`)
  })
