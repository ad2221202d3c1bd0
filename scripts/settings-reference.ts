// Is docs/reference/settings.md what `portico config docs` prints? With `--write` it is made so.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "./workspace.mjs"

const name = "docs/reference/settings.md"
const file = join(root, name)

const printed = spawnSync(process.execPath, [join(root, "packages/cli/src/main.ts"), "config", "docs"], {
  cwd: root,
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"]
})
if (printed.status !== 0) process.exit(1)

const current = (): string => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}

if (process.argv.includes("--write")) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, printed.stdout)
} else if (current() !== printed.stdout) {
  console.error(`${name} is out of date. Write it anew: node_modules/.bin/node scripts/settings-reference.ts --write`)
  process.exitCode = 1
}
