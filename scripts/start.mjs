// `npm start`: installs what is missing, bundles what changed, runs the default distro. Flags go through.
import { ensureInstalled, runNode } from "./workspace.mjs"

ensureInstalled()
const { ensureBundle } = await import("./bundle.mjs")
const entry = ensureBundle()
process.exitCode = await runNode([entry, "start", ...process.argv.slice(2)], { cwd: process.cwd() })
