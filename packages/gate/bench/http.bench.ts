/**
 * What the framework costs on top of a bare effect/http route that echoes the same body:
 * `node packages/gate/bench/http.bench.ts [rounds] [seconds]`.
 *
 * Each server has a process of its own, and the rounds alternate between them. The best round of each counts, since
 * other work on the machine can only make one worse. Next to requests a second it prints CPU time per request, which
 * such work disturbs less, and which says more where the client is the slower one.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { client, cpuSeconds, load } from "./load.ts"

const rounds = Number(process.argv[2] ?? 5)
const seconds = Number(process.argv[3] ?? 2)

interface Server {
  readonly process: ChildProcess
  readonly url: string
}

const start = (file: string, ...args: ReadonlyArray<string>): Promise<Server> =>
  new Promise((resolve) => {
    const path = fileURLToPath(new URL(`./servers/${file}`, import.meta.url))
    const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "ignore"] })
    child.stdout.on("data", (data) => {
      const url = /http:\/\/[\w.:]+/.exec(String(data))?.[0]
      if (url !== undefined) resolve({ process: child, url })
    })
  })

const bare = await start("bare.ts")
const gate = await start("gate.ts")
const logging = await start("gate.ts", "--log")
const targets = [
  { name: "bare effect/http route", server: bare, path: "/api/call" },
  { name: "in a product, open to all", server: gate, path: "/open" },
  { name: "in a product, authenticated", server: gate, path: "/authed" },
  { name: "authenticated, strict JSON", server: gate, path: "/strict" },
  { name: "authenticated, access log on", server: logging, path: "/authed" }
].map((target) => ({ ...target, perSecond: Array.of<number>(), cpu: Array.of<number>() }))

for (const { path, server } of targets) await load(server.url + path, 1)
for (let round = 0; round < rounds; round++) {
  for (const { cpu, path, perSecond, server } of targets) {
    const pid = server.process.pid ?? 0
    const before = cpuSeconds(pid)
    const count = await load(server.url + path, seconds)
    const after = cpuSeconds(pid)
    perSecond.push(count / seconds)
    if (before !== undefined && after !== undefined) cpu.push(((after - before) / count) * 1_000_000)
  }
}

const best = targets.map(({ cpu, name, perSecond }) => ({
  name,
  most: Math.max(...perSecond),
  least: Math.min(...cpu)
}))
const base = best[0] ?? { most: Number.NaN, least: Number.NaN }
console.log(`client: ${client}, best of ${rounds} rounds of ${seconds} s`)
for (const { least, most, name } of best) {
  const rate = `${most.toFixed(0).padStart(7)}/s  ${(most / base.most).toFixed(2)} x`
  const cost = `cpu ${least.toFixed(1).padStart(5)} us  ${(base.least / least).toFixed(2)} x`
  console.log(`${name.padEnd(30)} ${rate}${Number.isFinite(least) ? `   ${cost}` : ""}`)
}
for (const { process: child } of [bare, gate, logging]) child.kill()
