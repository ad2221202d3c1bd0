// Every TypeScript example of the documentation is type-checked and run: fenced `ts` blocks of the Markdown files and
// the `@example` blocks of docstrings. A block fenced as `ts no-run` is only type-checked; one fenced as `ts sketch`
// shows a shape and is neither. A block of Markdown whose first line is `// src/Notes.ts` is a file, which the other
// blocks of that text import; what it prints may be shown in a block after a line `<!-- printed by src/Notes.ts -->`,
// where `…` stands for anything. In a docstring `./Cli.ts` is the file beside it. Packages are imported by their names.
// `node scripts/doc-examples.ts packages/gate docs` looks at what is below these.
import { spawn, spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join, relative } from "node:path"
import { type Example, examplesOfMarkdown, examplesOfSource, isPrinted } from "./example-blocks.ts"
import { buildFolder, root } from "./workspace.mjs"

const under = process.argv.slice(2).map((path) => path.replace(/\/$/, ""))
const isWanted = (path: string): boolean =>
  under.length === 0 || under.some((wanted) => path === wanted || path.startsWith(`${wanted}/`))
const filesOf = (patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  globSync(patterns, { cwd: root, exclude: ["**/node_modules/**"] })
    .map((path) => path.replaceAll("\\", "/"))
    .filter(isWanted)
    .sort()
const read = (path: string): string => readFileSync(join(root, path), "utf8")

const markdown = filesOf(["*.md", "docs/**/*.md", "packages/*/README.md", "apps/*/README.md"])
const sources = filesOf(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"])
const found = [
  ...markdown.map((path) => examplesOfMarkdown(read(path), path)),
  ...sources.map((path) => examplesOfSource(read(path), path))
]

/** Each text has a folder of its own, in which its blocks are files. */
const folder = join(buildFolder("doc-examples"))
const folderOf = ({ path }: Example): string => join(folder, path.replaceAll(/[^A-Za-z0-9]+/g, "-"))
const fileOf = (example: Example): string => join(folderOf(example), example.file ?? `line-${example.line}.ts`)

const codeOf = (example: Example): string =>
  example.path.endsWith(".md")
    ? example.code
    : example.code.replaceAll(/ from "(\.[^"]+)"/g, (_, from: string) => {
        const target = relative(dirname(fileOf(example)), join(root, dirname(example.path), from))
        return ` from "${target.replaceAll("\\", "/")}"`
      })

const examples = found.flatMap((one) => one.examples).filter(({ mode }) => mode !== "sketch")
rmSync(folder, { recursive: true, force: true })
for (const example of examples) {
  const file = fileOf(example)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${codeOf(example)}\nexport {}\n`)
}
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, typeRoots: ["../../node_modules/@types"] },
    include: ["**/*.ts"]
  })
)

/** Exit code and everything that was printed. */
const run = (example: Example): Promise<{ readonly code: number | null; readonly output: string }> =>
  new Promise((resolve) => {
    const child = spawn("node", [fileOf(example)], { cwd: folderOf(example), timeout: 30_000 })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text))
    child.on("close", (code) => resolve({ code, output }))
  })

const problems = found.flatMap((one) => one.problems)
for (const problem of problems) console.error(problem)
let failed = problems.length > 0 || examples.length === 0
if (spawnSync("tsc", ["--noEmit", "-p", folder], { cwd: root, stdio: "inherit" }).status !== 0) failed = true

const waiting = examples.filter(({ mode }) => mode === "run")
const total = waiting.length
const work = async (): Promise<void> => {
  for (let example = waiting.shift(); example !== undefined; example = waiting.shift()) {
    const { code, output } = await run(example)
    const place = `The example at ${example.path}:${example.line}`
    const others = code === 0 ? example.prints.filter((printed) => !isPrinted(output, printed)) : []
    if (code !== 0) console.error(`${place} does not run:\n${output}`)
    for (const { line } of others) console.error(`${place} does not print what line ${line} says:\n${output}`)
    if (code !== 0 || others.length > 0) failed = true
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
console.log(`${examples.length} examples type-checked, ${total} run`)
process.exitCode = failed ? 1 : 0
