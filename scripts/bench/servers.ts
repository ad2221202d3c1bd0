// Instances of the distro as processes of their own.
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureBundle } from "../bundle.mjs"
import { root, workspaceNode } from "../workspace.mjs"

export const temporary = (): string => mkdtempSync(join(tmpdir(), "portico-bench-"))

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.ok,
    () => false
  )

export interface Server {
  readonly port: number
  readonly data: string
  /** Milliseconds from the spawn to the first ready answer. */
  readonly readyAfter: number
  readonly pid: number
  readonly stop: () => Promise<void>
}

interface Options {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly data?: string
}

/** Runs a command with `--port` and `--data` of its own, and waits until it answers ready. */
export const startServer = async (command: ReadonlyArray<string>, options: Options = {}): Promise<Server> => {
  const port = await freePort()
  const data = options.data ?? temporary()
  const [file = "", ...args] = command
  const start = performance.now()
  const child = spawn(file, [...args, "--port", String(port), "--data", data], {
    cwd: options.cwd ?? root,
    env: { ...(options.env ?? process.env), PORTICO_ACCESS_LOG: "false", PORTICO_LOG_LEVEL: "Warn" },
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

export const residentMegabytes = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024
  } catch {
    return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024
  }
}

/** The bundled distro, as users run it. */
export const distro = (): ReadonlyArray<string> => [workspaceNode(), ensureBundle(), "start"]

/** Environment with the compile cache that a start fills for the next ones. */
export const cached = { ...process.env, NODE_COMPILE_CACHE: join(root, ".build", "compile-cache") }
