// `npm start`: installs what is missing, bundles what changed, runs the default distro. Flags go through.
import { join } from "node:path"
import { ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
const { ensureBundle } = await import("./bundle.mjs")
const entry = ensureBundle()
process.exitCode = await runNode([entry, "start", ...process.argv.slice(2)], {
  cwd: process.cwd(),
  env: { NODE_COMPILE_CACHE: join(root, ".build", "compile-cache") }
})
