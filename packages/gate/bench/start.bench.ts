/**
 * How long it takes to plan and start a product of 100 empty modules, up to the bound port: `node packages/gate/bench/start.bench.ts`. Each start is the first of its process.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { below, median, report } from "./report.ts"

const rounds = 9
const server = fileURLToPath(new URL("./servers/empty.ts", import.meta.url))

const times = Array.from({ length: rounds }, () => {
  const { stdout } = spawnSync(process.execPath, [server], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  return Number(stdout)
})
report([below(`start of 100 empty modules, first in its process, median of ${rounds}`, median(times), "ms", 100)])
