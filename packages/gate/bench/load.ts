/**
 * Puts load on loopback URLs, one after the other in short slices, round after round: what else the machine does
 * disturbs neighbouring slices alike. The client is keep-alive sockets in a process of its own, which cost far less than
 * the servers they ask. Run by itself, this file is that process.
 */
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { fileURLToPath } from "node:url"

export interface Target {
  readonly url: string
  /** Process that answers. */
  readonly pid: number
  /** What this one is asked in place of what all are. */
  readonly request?: Request
}

/** What all targets are asked. */
export interface Request {
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
}

export interface Schedule {
  readonly rounds: number
  /** Milliseconds. */
  readonly slice: number
}

/** What one target did in one round. */
export interface Slice {
  /** Answers a second. */
  readonly rate: number
  /** Microseconds of the server's CPU time for each answer; `null` where there is no /proc. */
  readonly micros: number | null
  /** Answers that were neither 2xx nor 304, and broken connections. */
  readonly errors: number
}

/** Slices by target, then by round. What warms them up is left out. */
export const load = (
  targets: ReadonlyArray<Target>,
  request: Request,
  schedule: Schedule
): Promise<ReadonlyArray<ReadonlyArray<Slice>>> =>
  new Promise((resolve, reject) => {
    const task = JSON.stringify({ targets, request, schedule })
    const client = spawn(process.execPath, [fileURLToPath(import.meta.url), task], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let output = ""
    client.stdout.on("data", (chunk) => {
      output += chunk
    })
    client.on("exit", (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error("the client failed"))))
  })

/** Nanoseconds on a CPU that the threads of a process have had. */
const cpuNanos = (pid: number): number | null => {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const nanos = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]))
    return nanos.reduce((sum, each) => sum + each, 0)
  } catch {
    return null
  }
}

const messageOf = ({ body, headers, method }: Request, url: URL): Buffer => {
  const all = { host: url.host, "content-length": String(Buffer.byteLength(body)), ...headers }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${head.join("")}\r\n${body}`)
}

/** The connections to one target. They stay open over all rounds, and each asks again once it is answered. */
class Crowd {
  private readonly sockets: ReadonlyArray<Socket>
  private readonly message: Buffer
  private readonly pid: number
  private answered = 0
  private errors = 0
  private running = false

  constructor({ pid, request, url }: Target & { readonly request: Request }) {
    const parsed = new URL(url)
    this.pid = pid
    this.message = messageOf(request, parsed)
    this.sockets = Array.from({ length: request.connections }, () => this.open(parsed))
  }

  async slice(millis: number): Promise<Slice> {
    this.answered = 0
    this.errors = 0
    const before = cpuNanos(this.pid)
    const start = performance.now()
    this.running = true
    for (const socket of this.sockets) socket.write(this.message)
    await new Promise((resolve) => setTimeout(resolve, millis))
    this.running = false
    const after = cpuNanos(this.pid)
    const seconds = (performance.now() - start) / 1_000
    const { answered, errors } = this
    // What is still under way must not run into the next slice.
    await new Promise((resolve) => setTimeout(resolve, 20))
    const micros = before === null || after === null ? null : (after - before) / 1_000 / answered
    return { rate: answered / seconds, micros, errors }
  }

  private open(url: URL): Socket {
    const socket = connect(Number(url.port), url.hostname)
    let rest = ""
    socket.setNoDelay(true)
    socket.on("error", () => this.errors++)
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1")
      const end = rest.indexOf("\r\n\r\n")
      if (end === -1) return
      const length = Number(/content-length: (\d+)/i.exec(rest)?.[1] ?? 0)
      if (rest.length < end + 4 + length) return
      const status = rest.slice(9, 12)
      if (status[0] === "2" || status === "304") this.answered++
      else this.errors++
      rest = rest.slice(end + 4 + length)
      if (this.running) socket.write(this.message)
    })
    return socket
  }
}

interface Task {
  readonly targets: ReadonlyArray<Target>
  readonly request: Request
  readonly schedule: Schedule
}

const perform = async ({ request, schedule, targets }: Task): Promise<ReadonlyArray<ReadonlyArray<Slice>>> => {
  const crowds = targets.map((target) => ({ crowd: new Crowd({ request, ...target }), slices: Array.of<Slice>() }))
  // Connections that are idle for some seconds are closed, so nobody may have to wait for long.
  for (let round = 0; round < 3; round++) for (const { crowd } of crowds) await crowd.slice(400)
  for (let round = 0; round < schedule.rounds; round++) {
    for (const { crowd, slices } of crowds) slices.push(await crowd.slice(schedule.slice))
  }
  return crowds.map(({ slices }) => slices)
}

if (import.meta.main) {
  const task: Task = JSON.parse(process.argv[2] ?? "{}")
  console.log(JSON.stringify(await perform(task)))
  process.exit(0)
}
