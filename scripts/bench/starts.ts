// How long the distro takes from the command to the first ready answer, and what it holds in memory then.
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { below, type Line, median } from "../../packages/gate/bench/report.ts"
import { ensureBundle } from "../bundle.mjs"
import { root, workspaceNode } from "../workspace.mjs"
import { cached, distro, residentMegabytes, startServer, temporary } from "./servers.ts"

/** From a fresh clone with an empty home, so that everything is installed anew. */
export const firstStart = async (): Promise<ReadonlyArray<Line>> => {
  const home = temporary()
  const clone = join(temporary(), "clone")
  spawnSync("git", ["clone", "-q", "--no-hardlinks", root, clone], { stdio: "inherit" })
  const path = (process.env.PATH ?? "").split(":").filter((entry) => !entry.startsWith(root))
  const server = await startServer(["npm", "start", "--"], {
    cwd: clone,
    env: { HOME: home, PATH: path.join(":"), LANG: "C.UTF-8" }
  })
  await server.stop()
  rmSync(clone, { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
  return [below("first `npm start`, fresh clone of HEAD, empty home", server.readyAfter / 1000, "s", 60)]
}

/** With new data, and again with data that is there. */
export const laterStarts = async (): Promise<ReadonlyArray<Line>> => {
  const data = temporary()
  const fresh: Array<number> = []
  const direct: Array<number> = []
  const throughNpm: Array<number> = []
  const memory: Array<number> = []
  await (await startServer(distro(), { data, env: cached })).stop()
  for (let round = 0; round < 7; round++) {
    const first = await startServer(distro(), { env: cached })
    fresh.push(first.readyAfter)
    await first.stop()
    rmSync(first.data, { recursive: true, force: true })
    const server = await startServer(distro(), { data, env: cached })
    direct.push(server.readyAfter)
    memory.push(residentMegabytes(server.pid))
    await server.stop()
    const npm = await startServer(["npm", "start", "--"], { data })
    throughNpm.push(npm.readyAfter)
    await npm.stop()
  }
  return [
    below("distro on SQLite with new data, process to ready, median of 7", median(fresh), "ms", 400),
    below("later start (bundled), process to ready, median of 7", median(direct), "ms", 400),
    below("later start through `npm start`, npm included, median of 7", median(throughNpm), "ms", 500),
    below("resident memory at ready, median of 7", median(memory), "MB", 100)
  ]
}

export const helpTime = async (): Promise<ReadonlyArray<Line>> => {
  const times: Array<number> = []
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    spawnSync(workspaceNode(), [ensureBundle(), "--help"], { stdio: "ignore", env: cached })
    times.push(performance.now() - start)
  }
  return [below("`portico --help`, median of 15", median(times), "ms", 120)]
}
