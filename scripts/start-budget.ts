// What `portico start` evaluates before it is ready, which is what its memory and its time go by. A library that not
// every start needs is imported when it is first used, so that the bundler puts it into a chunk of its own; see
// "What a start loads" in CONTRIBUTING.md.
import type { OutputChunk } from "rolldown"
import { bundleChunks } from "./bundle.mjs"

/** Kilobytes of minified code. */
const most = 1_700

/** Libraries that every start needs. */
const needed: ReadonlySet<string> = new Set([
  "effect",
  "@effect/platform-node",
  "@effect/platform-node-shared",
  "@effect/sql-sqlite-node",
  // Checks of what is written into the graph.
  "ajv",
  "fast-deep-equal",
  "fast-uri",
  "json-schema-traverse",
  // Contracts and their ids.
  "canonicalize",
  "@noble/hashes",
  // Sockets, tokens, and calls of workers.
  "ws",
  "jose",
  "standardwebhooks",
  "@stablelib/base64",
  "fast-sha256"
])

/** The entry, and what `portico start` imports from there. */
const entries = ["packages/cli/src/main.ts", "packages/cli/src/internal/run/start.ts"]

/** The entries' chunks, and those that these import statically. */
export const evaluatedAtStart = (chunks: ReadonlyArray<OutputChunk>): ReadonlyArray<OutputChunk> => {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const found = new Set<OutputChunk>()
  const visit = (chunk: OutputChunk | undefined): void => {
    if (chunk === undefined || found.has(chunk)) return
    found.add(chunk)
    for (const name of chunk.imports) visit(byName.get(name))
  }
  for (const entry of entries) visit(chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(entry)))
  return [...found]
}

/** The library that a module belongs to; `undefined` for ours. */
export const libraryOf = (module: string): string | undefined =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1]

/** What is wrong, as sentences; empty if nothing is. */
export const startProblems = (chunks: ReadonlyArray<OutputChunk>): ReadonlyArray<string> => {
  const evaluated = evaluatedAtStart(chunks)
  const modules = evaluated.flatMap((chunk) => Object.entries(chunk.modules))
  const used = modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([module]) => libraryOf(module))
  const unexpected = [...new Set(used)].filter((name) => name !== undefined && !needed.has(name))
  const kilobytes = Math.round(evaluated.reduce((sum, { code }) => sum + code.length, 0) / 1_000)
  return [
    ...unexpected.map((name) => `Every start evaluates "${name}": import it when it is first used.`),
    ...(kilobytes > most ? [`A start evaluates ${kilobytes} kB of code, and ${most} kB are the most it may.`] : [])
  ]
}

if (import.meta.main) {
  const chunks = await bundleChunks()
  const problems = startProblems(chunks)
  for (const sentence of problems) console.error(sentence)
  const kilobytes = evaluatedAtStart(chunks).reduce((sum, { code }) => sum + code.length, 0) / 1_000
  console.log(`A start evaluates ${Math.round(kilobytes)} kB of code (at most ${most} kB).`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
