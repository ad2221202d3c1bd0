// Load on one loopback URL: `wrk` where it is installed, else raw keep-alive sockets in a process of their own.
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export interface Request {
  readonly url: string
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
  readonly seconds: number
}

export interface Load {
  readonly perSecond: number
  /** Answers that were not 2xx, and broken connections. */
  readonly errors: number
}

const has = (tool: string): boolean => spawnSync("which", [tool], { stdio: "ignore" }).status === 0

/** `taskset` prefix that keeps a process on one core, where there is more than one. */
export const onCore = (core: number): ReadonlyArray<string> => (has("taskset") ? ["taskset", "-c", String(core)] : [])

const run = (command: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const [file = "", ...args] = command
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] })
    let output = ""
    child.stdout.on("data", (chunk) => {
      output += chunk
    })
    child.on("exit", (code) => (code === 0 ? resolve(output) : reject(new Error(`${file} ended with ${code}`))))
  })

const withWrk = async (request: Request): Promise<Load> => {
  const script = join(mkdtempSync(join(tmpdir(), "portico-bench-")), "request.lua")
  const headers = Object.entries(request.headers).map(([name, value]) => `wrk.headers["${name}"] = [[${value}]]\n`)
  writeFileSync(
    script,
    `wrk.method = "${request.method}"\n${request.body === "" ? "" : `wrk.body = [[${request.body}]]\n`}${headers.join("")}`
  )
  const args = ["-t1", `-c${request.connections}`, `-d${request.seconds}s`, "-s", script, request.url]
  const output = await run([...onCore(1), "wrk", ...args])
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? Number.NaN)
  const failures = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const sockets = [...output.matchAll(/(?:connect|read|write|timeout) (\d+)/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0
  )
  return { perSecond, errors: failures + sockets }
}

const withSockets = async (request: Request): Promise<Load> =>
  JSON.parse(await run([...onCore(1), process.execPath, fileURLToPath(import.meta.url), JSON.stringify(request)]))

/** Asks as fast as the answers come, and counts them. */
export const load: (request: Request) => Promise<Load> = has("wrk") ? withWrk : withSockets

const hammer = (request: Request): Promise<Load> =>
  new Promise((resolve) => {
    const url = new URL(request.url)
    const head = Object.entries({
      host: url.host,
      "content-length": String(Buffer.byteLength(request.body)),
      ...request.headers
    })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")
    const message = Buffer.from(`${request.method} ${url.pathname}${url.search} HTTP/1.1\r\n${head}\r\n${request.body}`)
    let answered = 0
    let errors = 0
    let running = true
    const open = (): void => {
      const socket = connect(Number(url.port), url.hostname)
      let rest = ""
      socket.setNoDelay(true)
      socket.on("connect", () => socket.write(message))
      socket.on("error", () => errors++)
      socket.on("data", (chunk) => {
        rest += chunk.toString("latin1")
        const end = rest.indexOf("\r\n\r\n")
        if (end === -1) return
        const length = Number(/content-length: (\d+)/i.exec(rest)?.[1] ?? 0)
        if (rest.length < end + 4 + length) return
        if (rest.charCodeAt(9) === 50) answered++
        else errors++
        rest = rest.slice(end + 4 + length)
        if (running) socket.write(message)
        else socket.destroy()
      })
    }
    for (let index = 0; index < request.connections; index++) open()
    setTimeout(() => {
      running = false
      resolve({ perSecond: answered / request.seconds, errors })
    }, request.seconds * 1000)
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await hammer(JSON.parse(process.argv[2] ?? "{}"))
  console.log(JSON.stringify(result))
  process.exit(0)
}
