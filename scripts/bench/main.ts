// The numbers of the whole product. Benchmarks of one package live beside it, in `packages/*/bench`.
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureBundle } from "../bundle.mjs"
import { root, workspaceNode } from "../workspace.mjs"
import { load, onCore } from "./load.ts"

interface Line {
  readonly what: string
  readonly measured: string
  readonly budget: string
  readonly ok: boolean
}

const temporary = (): string => mkdtempSync(join(tmpdir(), "portico-bench-"))

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.ok,
    () => false
  )

interface Server {
  readonly port: number
  readonly data: string
  /** Milliseconds from the spawn to the first ready answer. */
  readonly readyAfter: number
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** Runs a command with `--port` and `--data` of its own, and waits until it answers ready. */
const startServer = async (
  command: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly data?: string } = {}
): Promise<Server> => {
  const port = await freePort()
  const data = options.data ?? temporary()
  const [file = "", ...args] = command
  const start = performance.now()
  const child = spawn(file, [...args, "--port", String(port), "--data", data], {
    cwd: options.cwd ?? root,
    env: { ...(options.env ?? process.env), PORTICO_ACCESS_LOG: "false" },
    stdio: ["ignore", "ignore", "inherit"]
  })
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`${command.join(" ")} ended with ${child.exitCode}`)
    if (performance.now() - start > 180_000) throw new Error(`${command.join(" ")} was not ready in 180 s`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const readyAfter = performance.now() - start
  const stop = async (): Promise<void> => {
    const exited = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGTERM")
    await exited
  }
  return { port, data, readyAfter, pid: child.pid ?? 0, stop }
}

const residentMegabytes = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024
  } catch {
    return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024
  }
}

const distro = (): ReadonlyArray<string> => [workspaceNode(), ensureBundle(), "start"]
const cached = { ...process.env, NODE_COMPILE_CACHE: join(root, ".build", "compile-cache") }

const firstStart = async (): Promise<ReadonlyArray<Line>> => {
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
  return [line("first `npm start`, fresh clone of HEAD, empty home", server.readyAfter / 1000, "s", 60)]
}

const line = (what: string, value: number, unit: string, most: number): Line => ({
  what,
  measured: `${value.toFixed(unit === "s" ? 1 : 0)} ${unit}`,
  budget: `< ${most} ${unit}`,
  ok: value < most
})

const laterStarts = async (): Promise<ReadonlyArray<Line>> => {
  const data = temporary()
  const direct: Array<number> = []
  const throughNpm: Array<number> = []
  const memory: Array<number> = []
  await (await startServer(distro(), { data, env: cached })).stop()
  for (let round = 0; round < 7; round++) {
    const server = await startServer(distro(), { data, env: cached })
    direct.push(server.readyAfter)
    memory.push(residentMegabytes(server.pid))
    await server.stop()
    const npm = await startServer(["npm", "start", "--"], { data })
    throughNpm.push(npm.readyAfter)
    await npm.stop()
  }
  return [
    line("later start (bundled), process to ready, median of 7", median(direct), "ms", 500),
    line("later start through `npm start`, npm included, median of 7", median(throughNpm), "ms", 500),
    line("resident memory at ready, median of 7", median(memory), "MB", 110)
  ]
}

const helpTime = async (): Promise<ReadonlyArray<Line>> => {
  const times: Array<number> = []
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    spawnSync(workspaceNode(), [ensureBundle(), "--help"], { stdio: "ignore", env: cached })
    times.push(performance.now() - start)
  }
  return [line("`portico --help`, median of 15", median(times), "ms", 120)]
}

const callRatio = async (): Promise<ReadonlyArray<Line>> => {
  const server = await startServer([...onCore(0), ...distro()], { env: cached })
  const token = readFileSync(join(server.data, "operator.token"), "utf8").trim()
  const body = JSON.stringify({ path: "/contacts::get" })
  const [file = "", ...args] = [...onCore(0), workspaceNode(), join(root, "scripts", "bench", "echo.ts")]
  const echo = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
  const echoUrl = await new Promise<string>((resolve) => {
    echo.stdout.once("data", (chunk) => resolve(String(chunk).trim()))
  })
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
  const common = { method: "POST", headers, body, connections: 32, seconds: 4 } as const
  const ours = { ...common, url: `http://127.0.0.1:${server.port}/api/call` }
  const bare = { ...common, url: `${echoUrl}/echo` }
  const ratios: Array<number> = []
  const rates: Array<readonly [number, number]> = []
  let errors = 0
  for (let round = 0; round < 4; round++) {
    const before = await load(bare)
    const middle = await load(ours)
    const after = await load(bare)
    errors += before.errors + middle.errors + after.errors
    // The first round warms both up.
    if (round === 0) continue
    const baseline = (before.perSecond + after.perSecond) / 2
    ratios.push(middle.perSecond / baseline)
    rates.push([middle.perSecond, baseline])
  }
  echo.kill()
  await server.stop()
  const ratio = median(ratios)
  const [rate, baseline] = rates[ratios.indexOf(ratio)] ?? [0, 0]
  return [
    {
      what: "`POST /api/call` get, authenticated and checked, 32 connections, to a bare echo route",
      measured: `${ratio.toFixed(2)} × (${Math.round(rate)} to ${Math.round(baseline)} per s, ${errors} errors)`,
      budget: "≥ 0.45 ×",
      ok: ratio >= 0.45 && errors === 0
    }
  ]
}

const all: Readonly<Record<string, () => Promise<ReadonlyArray<Line>>>> = {
  call: callRatio,
  help: helpTime,
  start: laterStarts,
  first: firstStart
}

const names = process.argv.slice(2)
let failed = false
for (const [name, measure] of Object.entries(all)) {
  if (names.length > 0 && !names.includes(name)) continue
  for (const { what, measured, budget, ok } of await measure()) {
    if (!ok) failed = true
    console.log(`${ok ? "ok    " : "MISSED"}  ${what}\n        ${measured}   (budget ${budget})`)
  }
}
process.exitCode = failed ? 1 : 0
