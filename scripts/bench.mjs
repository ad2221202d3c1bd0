// `npm run bench [name …]`: prints the project's numbers, each as a ratio to a baseline of the same run or against its budget.
import { join } from "node:path"
import { ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
process.exitCode = await runNode([join(root, "scripts", "bench", "main.ts"), ...process.argv.slice(2)])
