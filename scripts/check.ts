// The checks behind `npm run check`. Each is a name and a command; all of them run, then the failed ones are named.
import { spawnSync } from "node:child_process"
import { brokenRules, workspaceSources } from "./import-rules.ts"
import { packageFolders, root } from "./workspace.mjs"

const command =
  (file: string, ...args: ReadonlyArray<string>) =>
  (): boolean =>
    spawnSync(file, args, { cwd: root, stdio: "inherit" }).status === 0

const importRules = (): boolean => {
  process.chdir(root)
  const broken = brokenRules(workspaceSources(packageFolders()))
  for (const sentence of broken) console.error(sentence)
  return broken.length === 0
}

const checks: ReadonlyArray<readonly [name: string, run: () => boolean]> = [
  ["types", command("tsc", "--noEmit", "-p", "tsconfig.json")],
  ["type-cost", command("node", "scripts/type-cost.ts")],
  ["biome", command("biome", "ci", "--colors=off", ".")],
  ["imports", importRules],
  ["versions", command("sherif", "--ignore-rule", "root-package-manager-field")],
  ["unused", command("knip", "--no-progress", "--no-config-hints")],
  ["settings", command("node", "scripts/settings-reference.ts")],
  ["examples", command("node", "scripts/doc-examples.ts")],
  ["packages", command("node", "scripts/package-checks.ts")],
  ["start", command("node", "scripts/start-budget.ts")],
  ["readme", command("node", "scripts/readme-commands.ts")]
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !checks.some(([known]) => known === name))
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(", ")}; there are ${checks.map(([name]) => name).join(", ")}.`)
  process.exit(2)
}

const failed: Array<string> = []
for (const [name, run] of checks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const start = performance.now()
  const ok = run()
  console.log(`${ok ? "ok    " : "FAILED"}  ${name}  ${((performance.now() - start) / 1000).toFixed(1)} s`)
  if (!ok) failed.push(name)
}
if (failed.length > 0) console.error(`Failed: ${failed.join(", ")}`)
process.exitCode = failed.length > 0 ? 1 : 0
