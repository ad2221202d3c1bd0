// Are the packages fit to publish? Builds and packs each as it would be published, then asks publint and
// "are the types wrong" about the tarball.
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { buildFolder, packageFolders, pnpmVersion, root } from "./workspace.mjs"

if (spawnSync("node", ["scripts/build.ts"], { cwd: root, stdio: "inherit" }).status !== 0) process.exit(1)

const tarballs = buildFolder("pack")
rmSync(tarballs, { recursive: true, force: true })
let failed = false
for (const folder of packageFolders()) {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
  if (manifest.private === true) continue
  const packed = execFileSync(
    "npx",
    ["--yes", `pnpm@${pnpmVersion}`, "pack", "--json", "--pack-destination", tarballs],
    {
      cwd: join(root, folder),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    }
  )
  const tarball = String(JSON.parse(packed.slice(packed.indexOf("{"))).filename)
  const lint = spawnSync("publint", [tarball, "--strict"], { cwd: root, encoding: "utf8" })
  const isCommand = manifest.bin !== undefined
  const types = isCommand
    ? undefined
    : spawnSync("attw", [tarball, "--profile", "esm-only", "--format", "ascii"], { cwd: root, encoding: "utf8" })
  const ok = lint.status === 0 && (types === undefined || types.status === 0)
  console.log(`${ok ? "ok    " : "FAILED"}  ${manifest.name}`)
  if (ok) continue
  failed = true
  console.error(`${lint.stdout}${lint.stderr}${types?.stdout ?? ""}${types?.stderr ?? ""}`)
}
process.exitCode = failed ? 1 : 0
