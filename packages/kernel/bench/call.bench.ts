// What calls cost over HTTP, as ratios to a bare effect/http route that echoes the same body, in the same run.
// Needs `wrk`. Run: node packages/kernel/bench/call.bench.ts [rounds] [seconds]

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { K } from "@portico/schema"

const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 2)
const folder = mkdtempSync(join(tmpdir(), "kernel-bench-"))
const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const parent = `/${Array.from({ length: 10 }, (_, i) => `folder${i}`).join("/")}`

interface Server {
  readonly process: ChildProcess
  readonly url: string
}

const start = (file: string): Promise<Server> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), folder], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    child.stdout.on("data", (data) => {
      const url = /http:\/\/[\w.:]+/.exec(String(data))?.[0]
      if (url !== undefined) resolve({ process: child, url })
    })
  })

const script = (name: string, lines: ReadonlyArray<string>): string => {
  const file = join(folder, `${name}.lua`)
  writeFileSync(file, [`wrk.headers["authorization"] = "Bearer ${token}"`, ...lines].join("\n"))
  return file
}

const post = ['wrk.method = "POST"', 'wrk.headers["content-type"] = "application/json"']
const getBody = `{"path":"${parent}/n500::get"}`
const createBody = `{"path":"${K.Node.createNode.path}","params":{"class":"${K.Folder.ref}","parent":"${parent}","props":{"name":"x"}}}`

/** Requests a second. */
const load = async (url: string, lua: string): Promise<number> => {
  const { stdout } = await promisify(execFile)("wrk", ["-t1", "-c32", `-d${seconds}s`, "-s", lua, url])
  if (/Non-2xx/.test(stdout) && !lua.includes("fresh")) throw new Error(stdout)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

const bare = await start("../../gate/bench/servers/bare.ts")
const ours = await start("./servers/kernel.ts")
const tag = (
  await fetch(`${ours.url}/api/nodes${parent}/n500`, { headers: { authorization: `Bearer ${token}` } })
).headers.get("etag")
const callScript = script("call", [...post, `wrk.body = [[${getBody}]]`])
const targets = [
  { name: "bare echo route", url: `${bare.url}/api/call`, lua: callScript },
  { name: "POST /api/call get", url: `${ours.url}/api/call`, lua: callScript },
  { name: "GET /api/nodes/…", url: `${ours.url}/api/nodes${parent}/n500`, lua: script("get", []) },
  {
    name: "GET /api/nodes/…, unchanged",
    url: `${ours.url}/api/nodes${parent}/n500`,
    lua: script("fresh", [`wrk.headers["if-none-match"] = [[${tag}]]`])
  },
  {
    name: "POST /api/call createNode, durable",
    url: `${ours.url}/api/call`,
    lua: script("create", [...post, `wrk.body = [[${createBody}]]`])
  }
].map((target) => ({ ...target, best: 0 }))

for (let round = 0; round < rounds; round++) {
  for (const target of targets) target.best = Math.max(target.best, await load(target.url, target.lua))
}
const base = targets[0]?.best ?? Number.NaN
for (const { name, best } of targets)
  console.log(`${name.padEnd(38)} ${best.toFixed(0).padStart(7)} /s  ${(best / base).toFixed(2)} × bare`)

for (const server of [bare, ours]) server.process.kill()
rmSync(folder, { recursive: true })
