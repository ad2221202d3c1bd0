// `npm run build`: the publishable `dist` of every package, and the bundle of the command line.
import { join } from "node:path"
import { ensureInstalled, root, runNode } from "./workspace.mjs"

ensureInstalled()
process.exitCode = await runNode([join(root, "scripts", "build.ts")])
