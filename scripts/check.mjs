// `npm run check [name …]`: everything CI asks beyond the tests. Installs what is missing, then runs each check and
// says at the end which of them failed.
import { join } from "node:path"
import { ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
process.exitCode = await runNode([join(root, "scripts", "check.ts"), ...process.argv.slice(2)])
