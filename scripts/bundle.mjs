// Bundles the command line (and with it the distro) into packages/cli/dist: loaded from sources Effect alone costs
// half a second, bundled a tenth of that. Rebuilt only when a source is newer than the bundle.
import { spawnSync } from "node:child_process"
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { newestChange, packageFolders, root, workspaceNode } from "./workspace.mjs"

const outFolder = join(root, "packages", "cli", "dist")
const entry = join(outFolder, "main.js")

const isFresh = () => {
  const built = statSync(entry, { throwIfNoEntry: false })
  if (built === undefined) return false
  const sources = packageFolders().flatMap((folder) => [`${folder}/src`, `${folder}/package.json`])
  return newestChange([...sources, "pnpm-lock.yaml", "scripts/bundle.mjs"]) < built.mtimeMs
}

/** Path of the bundled command line, built first when it is missing or older than a source. */
export const ensureBundle = () => {
  if (!isFresh()) {
    const build = spawnSync(workspaceNode(), [fileURLToPath(import.meta.url)], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"]
    })
    if (build.status !== 0) process.exit(build.status ?? 1)
  }
  return entry
}

/**
 * A single character beyond Latin-1 makes V8 keep the whole file with two bytes for each of its characters, which is
 * some megabytes of memory. Such characters only stand in strings and patterns here, where they can be escaped.
 */
const inOneByte = (code) =>
  code.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const build = async () => {
  const { rolldown } = await import("rolldown")
  rmSync(outFolder, { recursive: true, force: true })
  const bundle = await rolldown({
    input: { main: join(root, "packages", "cli", "src", "main.ts") },
    platform: "node",
    // Only what the Node platform package can do without: a Redis client and database drivers nobody here loads.
    external: [/^node:/, "redis", "bufferutil", "utf-8-validate"],
    treeshake: true
  })
  const { output } = await bundle.write({
    dir: outFolder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    minify: true,
    sourcemap: false
  })
  await bundle.close()
  for (const { code, fileName, type } of output) {
    if (type === "chunk") writeFileSync(join(outFolder, fileName), inOneByte(code))
  }
  if (!existsSync(entry)) throw new Error("the bundle has no entry")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
