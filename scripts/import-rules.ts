// The arrows between packages. Layers, lowest first: an import may only point to a lower layer. What a package may
// import beyond that is its own `dependencies`; nobody reaches into another's `src/internal`; no package circles;
// a package's `src/index.ts` only re-exports.
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { parseAst } from "rolldown/parseAst"

const layers: ReadonlyArray<ReadonlyArray<string>> = [
  ["@portico/test-support"],
  ["@portico/schema"],
  ["@portico/client", "@portico/gate"],
  ["@portico/kernel"],
  ["@portico/auth"],
  ["@portico/domain", "@portico/gate-adapters"],
  // An example domain imports the SDK only; it sits below the distro, whose bundled catalogue ships it.
  ["@portico/domain-host", "@portico/example-crm"],
  ["@portico/views", "@portico/marketplace", "@portico/analytics", "@portico/spaces"],
  ["@portico/distro"],
  ["portico", "@portico/app-gateway", "@portico/app-custom-product"]
]

/** Packages that must stay free of what their layer would allow: exact list of what they may import. */
const strict: Readonly<Record<string, ReadonlyArray<string>>> = {
  "@portico/schema": ["effect", "@noble/hashes", "canonicalize"],
  // Beyond Effect: the settings file.
  "@portico/gate": ["effect", "@effect/platform-node", "smol-toml"],
  "@portico/client": ["effect", "@portico/schema"],
  "@portico/domain": ["effect", "@portico/schema", "@portico/client", "standardwebhooks"]
}

export interface SourceFile {
  /** Path from the root, e.g. `packages/gate/src/Module.ts`. */
  readonly path: string
  /** Name of the package that it belongs to. */
  readonly owner: string
  readonly text: string
  /** Names in the owner's `dependencies` and `peerDependencies`. */
  readonly dependencies: ReadonlyArray<string>
}

const layerOf = (name: string): number => layers.findIndex((layer) => layer.includes(name))

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

interface Node {
  readonly type: string
  readonly source?: { readonly value?: unknown } | null
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value

const importsOf = (text: string, path: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) {
      if (!isNode(value)) return
      if (typeof value.source?.value === "string") found.push(value.source.value)
    }
    for (const child of Object.values(value)) visit(child)
  }
  visit(parseAst(text, { lang: "ts" }, path))
  return [...new Set(found)]
}

const onlyReExports = (text: string, path: string): boolean =>
  parseAst(text, { lang: "ts" }, path).body.every(
    (statement) =>
      statement.type === "ExportAllDeclaration" ||
      (statement.type === "ExportNamedDeclaration" && statement.source !== null)
  )

/** Every broken rule as one sentence; empty when the arrows are as they should be. */
export const brokenRules = (files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const broken: Array<string> = []
  for (const file of files) {
    if (layerOf(file.owner) === -1)
      broken.push(`${file.path}: package ${file.owner} has no layer in scripts/import-rules.ts`)
    if (
      file.path.endsWith("/src/index.ts") &&
      file.path.startsWith("packages/") &&
      !onlyReExports(file.text, file.path)
    ) {
      broken.push(`${file.path}: an index only re-exports`)
    }
    for (const specifier of importsOf(file.text, file.path)) {
      if (specifier.startsWith("node:")) continue
      if (specifier.startsWith(".")) {
        const folder = file.path.split("/").slice(0, 2).join("/")
        const target = relative(".", join(file.path, "..", specifier))
        if (!target.startsWith(`${folder}/`)) broken.push(`${file.path}: ${specifier} leaves the package`)
        continue
      }
      const target = packageOf(specifier)
      if (target === file.owner) continue
      if (specifier.includes("/internal"))
        broken.push(`${file.path}: ${specifier} reaches into another package's inside`)
      if (layerOf(target) !== -1 && layerOf(target) >= layerOf(file.owner)) {
        broken.push(`${file.path}: ${file.owner} may not import ${target}, which is not in a lower layer`)
      }
      const allowed = strict[file.owner]
      if (allowed !== undefined && !allowed.includes(target)) {
        broken.push(`${file.path}: ${file.owner} may import only ${allowed.join(", ")}, not ${target}`)
      }
      if (!file.dependencies.includes(target)) {
        broken.push(`${file.path}: ${target} is not among the dependencies of ${file.owner}`)
      }
    }
  }
  return broken
}

const sourcesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sourcesBelow(path) : path.endsWith(".ts") ? [path] : []
  })

/** The sources of every workspace package, tests and benchmarks left out. */
export const workspaceSources = (folders: ReadonlyArray<string>): ReadonlyArray<SourceFile> =>
  folders.flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    const dependencies = [
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
      // Carried inside the published code; see scripts/build.ts.
      ...(manifest.portico?.bundled ?? [])
    ]
    return sourcesBelow(join(folder, "src")).map((path) => ({
      path,
      owner: String(manifest.name),
      text: readFileSync(path, "utf8"),
      dependencies
    }))
  })
