// Compiles every public package to `dist` (ES modules and declarations), in the order of their dependencies, and
// bundles the command line. In the workspace packages export their sources; `publishConfig` points at `dist`.
import { spawnSync } from "node:child_process"
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { rolldown } from "rolldown"
import { ensureBundle } from "./bundle.mjs"
import { buildFolder, packageFolders, root } from "./workspace.mjs"

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
const published = packageFolders().filter((folder) => manifestOf(folder).private !== true && folder !== "packages/cli")
const configs = buildFolder("tsc")
const configOf = (folder: string): string => join(configs, `${folder.replace("/", "-")}.json`)
const folderOf = new Map(published.map((folder) => [String(manifestOf(folder).name), folder]))

for (const folder of published) {
  const needs = Object.keys(manifestOf(folder).dependencies ?? {}).flatMap((name) => folderOf.get(name) ?? [])
  const source = relative(configs, join(root, folder))
  writeFileSync(
    configOf(folder),
    JSON.stringify({
      extends: relative(configs, join(root, "tsconfig.base.json")),
      compilerOptions: {
        noEmit: false,
        composite: true,
        allowImportingTsExtensions: false,
        declaration: true,
        rootDir: `${source}/src`,
        outDir: `${source}/dist`,
        tsBuildInfoFile: `${folder.replace("/", "-")}.tsbuildinfo`,
        typeRoots: [relative(configs, join(root, "node_modules", "@types"))]
      },
      include: [`${source}/src`],
      references: needs.map((need) => ({ path: configOf(need) }))
    })
  )
}

const compiled = spawnSync("tsc", ["-b", ...published.map(configOf)], { cwd: root, stdio: "inherit" })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)

// A package may carry libraries inside its published code: `portico.bundled` in its manifest. The patched SQLite client
// is one, so that nobody who installs the adapter needs the patch.
for (const folder of published) {
  const manifest = manifestOf(folder)
  const bundled: ReadonlyArray<string> = manifest.portico?.bundled ?? []
  if (bundled.length === 0) continue
  const sources = Object.values<string>(manifest.exports)
  const dist = join(root, folder, "dist")
  for (const file of globSync("**/*.js", { cwd: dist })) rmSync(join(dist, file))
  const bundle = await rolldown({
    input: Object.fromEntries(sources.map((path) => [path.replace(/^\.\/src\/|\.ts$/g, ""), join(root, folder, path)])),
    platform: "node",
    external: (id) =>
      !id.startsWith(".") && !id.startsWith("/") && !bundled.some((name) => id === name || id.startsWith(`${name}/`))
  })
  await bundle.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js"
  })
  await bundle.close()
}

ensureBundle()
console.log(`Built ${published.length} packages and the command line.`)
