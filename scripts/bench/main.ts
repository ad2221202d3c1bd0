// The numbers of the whole product. Benchmarks of one package live beside it, in `packages/*/bench`; those of the
// framework and the kernel are run from here, too, each in a process of its own.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { type Line, report } from "../../packages/gate/bench/report.ts"
import { root, workspaceNode } from "../workspace.mjs"
import { callRatio } from "./call.ts"
import { firstStart, helpTime, laterStarts } from "./starts.ts"

const ofPackage = (directory: string, name: string) => (): ReadonlyArray<Line> => {
  const file = join(root, "packages", directory, "bench", `${name}.bench.ts`)
  const { status } = spawnSync(workspaceNode(), [file], { stdio: "inherit" })
  if (status !== 0) process.exitCode = 1
  // It printed its lines itself.
  return []
}

const kernel = (...names: ReadonlyArray<string>) => {
  const parts = names.map((name) => ofPackage("kernel", name))
  return (): ReadonlyArray<Line> => parts.flatMap((part) => part())
}

type Measures = Readonly<Record<string, () => ReadonlyArray<Line> | Promise<ReadonlyArray<Line>>>>

const all: Measures = {
  plan: ofPackage("gate", "plan"),
  modules: ofPackage("gate", "start"),
  http: ofPackage("gate", "http"),
  fastify: ofPackage("gate", "fastify"),
  kernel: kernel("read", "create", "move", "call"),
  auth: ofPackage("auth", "verify"),
  call: callRatio,
  help: helpTime,
  start: laterStarts,
  first: firstStart
}

/** Those that take minutes are for whoever names them. */
const onlyByName: Measures = {
  growth: kernel("growth"),
  linkbench: kernel("linkbench"),
  find: kernel("find"),
  feed: kernel("feed"),
  transfer: kernel("transfer")
}

const names = process.argv.slice(2)
for (const [name, measure] of Object.entries({ ...all, ...onlyByName })) {
  if (names.length === 0 ? name in all : names.includes(name)) report(await measure())
}
