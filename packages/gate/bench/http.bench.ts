/**
 * What the framework costs on top of a bare effect/http route that echoes the same body, with request ids, security
 * headers and CORS on and the access log off: `node packages/gate/bench/http.bench.ts [rounds] [milliseconds]`.
 */
import { compare, type Standing } from "./compare.ts"
import { order } from "./order.ts"
import { type Line, report } from "./report.ts"

const rounds = Number(process.argv[2] ?? 60)
const slice = Number(process.argv[3] ?? 150)

/** Least part of the bare route's requests for the same CPU time. */
const budget = 0.85

const standings = await compare(
  [
    { name: "bare effect/http route", file: "bare.ts", path: "/api/call" },
    { name: "in a product, open to all", file: "gate.ts", path: "/open" },
    { name: "in a product, authenticated", file: "gate.ts", path: "/authed" },
    { name: "authenticated, strict JSON", file: "gate.ts", path: "/strict" },
    { name: "authenticated, access log on", file: "gate.ts", args: ["--log"], path: "/authed" },
    { name: "nothing but node:http", file: "raw.ts", path: "/" }
  ],
  order,
  { rounds, slice }
)

const line = ({ cpuRatio, name, rateRatio }: Standing): Line => ({
  what: `requests for the same CPU time, to a bare effect/http route: ${name}`,
  measured: `${cpuRatio.toFixed(2)} x (${rateRatio.toFixed(2)} x by requests a second)`,
  budget: `>= ${budget} x`,
  ok: cpuRatio >= budget || (Number.isNaN(cpuRatio) && rateRatio >= budget)
})
report(standings.slice(1, 2).map(line))
