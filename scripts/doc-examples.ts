// Every TypeScript example of the documentation is type-checked and run: fenced `ts` blocks of the Markdown files and
// the `@example` blocks of public docstrings. A block fenced as `ts no-run` is only type-checked; one fenced as
// `ts sketch` shows a shape and is neither.
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { buildFolder, root } from "./workspace.mjs"

interface Example {
  readonly origin: string
  readonly code: string
  readonly run: boolean
}

const fence = /^```ts( no-run| sketch)?\n([\s\S]*?)^```$/gm
const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

const examplesIn = (text: string, path: string): ReadonlyArray<Example> =>
  [...text.matchAll(fence)]
    .filter((match) => match[1] !== " sketch")
    .map((match) => ({
      origin: `${path}:${lineOf(text, match.index)}`,
      code: match[2] ?? "",
      run: match[1] === undefined
    }))

const docstring = /\/\*\*[\s\S]*?\*\//g
/** The same text with the docstrings' leading stars removed and everything else blanked, so that lines still match. */
const docstringsOf = (source: string): string => {
  let text = ""
  let end = 0
  for (const match of source.matchAll(docstring)) {
    text += source.slice(end, match.index).replace(/[^\n]/g, "")
    text += match[0].replace(/^[ \t]*\*(?!\/) ?/gm, "").replace(/\*\/$/, "")
    end = match.index + match[0].length
  }
  return text
}

const markdown = globSync(
  ["README.md", "CONTRIBUTING.md", "docs/**/*.md", "packages/*/README.md", "apps/*/README.md"],
  { cwd: root }
)
const sources = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"], { cwd: root })
const examples = [
  ...markdown.sort().flatMap((path) => examplesIn(readFileSync(join(root, path), "utf8"), path)),
  ...sources.sort().flatMap((path) => examplesIn(docstringsOf(readFileSync(join(root, path), "utf8")), path))
]

const folder = join(buildFolder("doc-examples"))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const files = examples.map((example, index) => {
  const name = `${String(index).padStart(3, "0")}-${example.origin.replaceAll(/[^A-Za-z0-9]+/g, "-")}.ts`
  writeFileSync(join(folder, name), `// ${example.origin}\n${example.code}\nexport {}\n`)
  return { ...example, name }
})
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, typeRoots: ["../../node_modules/@types"] },
    include: ["*.ts"]
  })
)

let failed = false
if (spawnSync("tsc", ["--noEmit", "-p", folder], { cwd: root, stdio: "inherit" }).status !== 0) failed = true
for (const file of files) {
  if (!file.run) continue
  const result = spawnSync("node", [join(folder, file.name)], { cwd: folder, encoding: "utf8", timeout: 30_000 })
  if (result.status === 0) continue
  failed = true
  console.error(`The example at ${file.origin} does not run:\n${result.stdout}${result.stderr}`)
}
console.log(`${files.length} examples type-checked, ${files.filter((file) => file.run).length} run`)
if (files.length === 0) failed = true
process.exitCode = failed ? 1 : 0
