import { type RunOptions, runInProcess } from "./internal/node/process.ts"
import type { Product } from "./Product.ts"

export { NodeGateway } from "./internal/node/nodeGateway.ts"
export type { RunOptions } from "./internal/node/process.ts"
export { readFlags } from "./internal/node/readFlags.ts"
export { readSettingsFile, SettingsFileError } from "./internal/node/settingsFile.ts"

/**
 * Runs a product as the process's main program: reads flags, environment and `portico.toml`, starts, says on standard
 * output that it is ready, and logs to standard error. `SIGTERM` and `SIGINT` stop it; a second one exits at once.
 *
 * Exit codes: 0 it was stopped and everything was released, 1 it did not start or not stop in time (with a report),
 * 2 it was called wrongly, 128 + n it was killed by a second signal n.
 *
 * @example
 * ```ts no-run
 * import { Gateway } from "@portico/gate"
 * import { runMain } from "@portico/gate/node"
 *
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
 *
 * runMain(product, { argv: process.argv.slice(2), env: process.env })
 * ```
 */
export const runMain = (product: Product, options: RunOptions): void => runInProcess(product, options)
