// What calls cost over HTTP, beside bare effect/http routes and a hand-written server, in the same run.
// Run: node packages/kernel/bench/call.bench.ts [rounds] [milliseconds of a slice]

import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { K } from "@portico/schema"
import { type Standing, standings } from "../../gate/bench/compare.ts"
import { load, type Request } from "../../gate/bench/load.ts"
import { type Line, report } from "../../gate/bench/report.ts"

const rounds = Number(process.argv[2] ?? 40)
const slice = Number(process.argv[3] ?? 150)
const folder = mkdtempSync(join(tmpdir(), "kernel-bench-"))
const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const parent = `/${Array.from({ length: 10 }, (_, i) => `folder${i}`).join("/")}`

interface Server {
  readonly process: ChildProcess
  readonly url: string
  readonly pid: number
}

const start = (file: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL(`./servers/${file}`, import.meta.url)), folder], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)))
    child.stdout.on("data", (data) => {
      const url = /http:\/\/[\w.:]+/.exec(String(data))?.[0]
      if (url !== undefined) resolve({ process: child, url, pid: child.pid ?? 0 })
    })
  })

const authorization = `Bearer ${token}`
const post = (body: object): Request => ({
  method: "POST",
  headers: { "content-type": "application/json", authorization },
  body: JSON.stringify(body),
  connections: 32
})
const get = (headers: Readonly<Record<string, string>> = {}): Request => ({
  method: "GET",
  headers: { authorization, ...headers },
  body: "",
  connections: 32
})

const [bare, floor, ours] = await Promise.all(["bare.ts", "floor.ts", "kernel.ts"].map(start))
if (bare === undefined || floor === undefined || ours === undefined) throw new Error("a server is missing")
const nodeUrl = `/api/nodes${parent}/n500`
const tag = (await fetch(ours.url + nodeUrl, { headers: { authorization } })).headers.get("etag") ?? ""
const getCall = post({ path: `${parent}/n500::get` })
const createCall = post({
  path: K.Node.createNode.path,
  params: { class: K.Folder.ref, parent, props: { name: "x" } }
})

/** Asks the first and the others in turn; what they came to beside the first. */
const beside = async (
  ...targets: ReadonlyArray<readonly [server: Server, path: string, request: Request]>
): Promise<ReadonlyArray<Standing>> => {
  const slices = await load(
    targets.map(([{ pid, url }, path, request]) => ({ url: url + path, pid, request })),
    getCall,
    { rounds, slice }
  )
  const errors = slices.flat().reduce((sum, { errors }) => sum + errors, 0)
  if (errors > 0) throw new Error(`${errors} answers were errors`)
  return standings(
    targets.map(([, path]) => path),
    slices
  )
}

const line = (what: string, base: Standing | undefined, standing: Standing | undefined, least: number): Line => {
  const [rate, cpu] = [standing?.rateRatio ?? Number.NaN, standing?.cpuRatio ?? Number.NaN]
  const rates = `${(standing?.rate ?? 0).toFixed(0)} to ${(base?.rate ?? 0).toFixed(0)} a second`
  const micros = `${standing?.micros.toFixed(1)} to ${base?.micros.toFixed(1)} us of processor time, ${cpu.toFixed(2)} x`
  return { what, measured: `${rate.toFixed(2)} x (${rates}; ${micros})`, budget: `>= ${least} x`, ok: rate >= least }
}

try {
  const [echo, call] = await beside([bare, "/api/call", getCall], [ours, "/api/call", getCall])
  report([line("POST /api/call get, to a bare echo route", echo, call, 0.65)])
  const [handMade, ourGet] = await beside([floor, "/", getCall], [ours, "/api/call", getCall])
  report([line("POST /api/call get, to the hand-written floor", handMade, ourGet, 1)])
  const [bareGet, node, same] = await beside(
    [bare, nodeUrl, get()],
    [ours, nodeUrl, get()],
    [ours, nodeUrl, get({ "if-none-match": tag })]
  )
  report([
    line("GET /api/nodes/<path>, to a bare GET route", bareGet, node, 0.5),
    line("GET /api/nodes/<path> with the ETag at hand, to a bare GET route", bareGet, same, 0.6)
  ])
  const [made, created] = await beside([floor, "/", createCall], [ours, "/api/call", createCall])
  report([line("POST /api/call createNode, durable, to the hand-written floor", made, created, 2)])
} finally {
  for (const server of [bare, floor, ours]) {
    server.process.removeAllListeners("exit")
    server.process.kill()
  }
  rmSync(folder, { recursive: true, force: true })
}
