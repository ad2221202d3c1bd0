/**
 * How long it takes to plan and start a product of 100 empty modules, up to the bound port: `node packages/gate/bench/start.bench.ts`. Each start is the first of its
 * process, and the fastest counts, since other work on the machine can only make one slower.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { below, report } from "./report.ts"

const rounds = 15
const server = fileURLToPath(new URL("./servers/empty.ts", import.meta.url))

const times = Array.from({ length: rounds }, () => {
  const { stdout } = spawnSync(process.execPath, [server], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  return Number(stdout)
})
report([below(`start of 100 empty modules, first in its process, best of ${rounds}`, Math.min(...times), "ms", 100)])
