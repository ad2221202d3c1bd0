// Bundles the command line (and with it the distro) into packages/cli/dist: loaded from sources Effect alone costs
// half a second, bundled a tenth of that. Rebuilt only when a source is newer than the bundle.
import { spawnSync } from "node:child_process"
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
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

/**
 * Imported as ES modules, Node's own read every one of their exports at once, and some of these are made when they are
 * read: `node:http` loads undici for its WebSocket, `node:tls` parses all root certificates. Asked for as what they are,
 * they make only what is used. That saves three megabytes and a tenth of a start.
 */
const builtinsAsTheyAre = {
  name: "builtins-as-they-are",
  resolveId: (source) => {
    // The bundler's own runtime imports `node:module`.
    if (!isBuiltin(source) || source === "node:module") return undefined
    return `\0${source.startsWith("node:") ? source : `node:${source}`}.cjs`
  },
  load: (id) =>
    id.startsWith("\0node:")
      ? { code: `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(1, -4))})`, moduleType: "js" }
      : undefined
}

const bundlePlan = {
  input: { main: join(root, "packages", "cli", "src", "main.ts") },
  platform: "node",
  // Only what the Node platform package can do without: a Redis client and database drivers nobody here loads.
  external: ["node:module", "redis", "bufferutil", "utf-8-validate"],
  treeshake: true,
  plugins: [builtinsAsTheyAre]
}

const outputPlan = {
  dir: outFolder,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  minify: true,
  sourcemap: false
}

/** What the bundle consists of, without writing it. */
export const bundleChunks = async () => {
  const { rolldown } = await import("rolldown")
  const bundle = await rolldown(bundlePlan)
  const { output } = await bundle.generate(outputPlan)
  await bundle.close()
  return output.filter(({ type }) => type === "chunk")
}

const build = async () => {
  const { rolldown } = await import("rolldown")
  rmSync(outFolder, { recursive: true, force: true })
  const bundle = await rolldown(bundlePlan)
  const { output } = await bundle.write(outputPlan)
  await bundle.close()
  for (const { code, fileName, type } of output) {
    if (type === "chunk") writeFileSync(join(outFolder, fileName), inOneByte(code))
  }
  if (!existsSync(entry)) throw new Error("the bundle has no entry")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
