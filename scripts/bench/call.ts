// What a call costs that is authenticated, checked and answered from the graph.
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { standings } from "../../packages/gate/bench/compare.ts"
import { load } from "../../packages/gate/bench/load.ts"
import type { Line } from "../../packages/gate/bench/report.ts"
import { root, workspaceNode } from "../workspace.mjs"
import { cached, distro, startServer } from "./servers.ts"

/** Beside a bare effect/http route that parses and echoes the same body. */
export const callRatio = async (): Promise<ReadonlyArray<Line>> => {
  const server = await startServer(distro(), { env: cached })
  const token = readFileSync(join(server.data, "operator.token"), "utf8").trim()
  const echo = spawn(workspaceNode(), [join(root, "packages/gate/bench/servers/bare.ts")], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const echoUrl = await new Promise<string>((resolve) => {
    echo.stdout.once("data", (chunk) => resolve(String(chunk).trim()))
  })
  const slices = await load(
    [
      { url: `${echoUrl}/api/call`, pid: echo.pid ?? 0 },
      { url: `http://127.0.0.1:${server.port}/api/call`, pid: server.pid }
    ],
    {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ path: "/contacts::get" }),
      connections: 32
    },
    { rounds: 40, slice: 200 }
  )
  echo.kill()
  await server.stop()
  const errors = slices.flat().reduce((sum, slice) => sum + slice.errors, 0)
  const [bare, ours] = standings(["bare", "ours"], slices)
  const ratio = ours?.rateRatio ?? 0
  const rates = `${Math.round(ours?.rate ?? 0)} to ${Math.round(bare?.rate ?? 0)} per s`
  return [
    {
      what: "`POST /api/call` get, authenticated and checked, 32 connections, to a bare echo route",
      measured: `${ratio.toFixed(2)} x (${rates}, by CPU time ${ours?.cpuRatio.toFixed(2)} x, ${errors} errors)`,
      budget: ">= 0.45 x",
      ok: ratio >= 0.45 && errors === 0
    }
  ]
}
