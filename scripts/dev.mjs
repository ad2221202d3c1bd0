// `npm run dev`: runs the distro from its sources and restarts it when one changes. Flags go through.
import { join } from "node:path"
import { ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
process.exitCode = await runNode(
  ["--watch", "--watch-preserve-output", join(root, "apps", "gateway", "src", "main.ts"), ...process.argv.slice(2)],
  { cwd: process.cwd() }
)
