// The numbers of the whole product. Benchmarks of one package live beside it, in `packages/*/bench`; those of the
// framework are run from here, too, each in a process of its own.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { type Line, report } from "../../packages/gate/bench/report.ts"
import { root, workspaceNode } from "../workspace.mjs"
import { callRatio } from "./call.ts"
import { firstStart, helpTime, laterStarts } from "./starts.ts"

const ofTheFramework = (name: string) => (): ReadonlyArray<Line> => {
  const file = join(root, "packages", "gate", "bench", `${name}.bench.ts`)
  const { status } = spawnSync(workspaceNode(), [file], { stdio: "inherit" })
  if (status !== 0) process.exitCode = 1
  // It printed its lines itself.
  return []
}

const all: Readonly<Record<string, () => ReadonlyArray<Line> | Promise<ReadonlyArray<Line>>>> = {
  plan: ofTheFramework("plan"),
  modules: ofTheFramework("start"),
  http: ofTheFramework("http"),
  fastify: ofTheFramework("fastify"),
  call: callRatio,
  help: helpTime,
  start: laterStarts,
  first: firstStart
}

const names = process.argv.slice(2)
for (const [name, measure] of Object.entries(all)) {
  if (names.length === 0 || names.includes(name)) report(await measure())
}
