/**
 * The framework beside Fastify with its usual plugins, at the same work: request id, security headers, CORS, a bound on
 * the body, JSON that is checked against a schema, and the same for the answer.
 * `node packages/gate/bench/fastify.bench.ts [rounds] [milliseconds]`.
 */
import { compare } from "./compare.ts"
import { order } from "./order.ts"
import { report } from "./report.ts"

const rounds = Number(process.argv[2] ?? 60)
const slice = Number(process.argv[3] ?? 150)

const standings = await compare(
  [
    { name: "Fastify, helmet, cors, ajv", file: "fastify.ts", path: "/orders" },
    { name: "a route laid by hand, checked", file: "gate.ts", path: "/checked" },
    { name: "a route of an HttpApi", file: "gate.ts", path: "/orders" },
    { name: "nothing but node:http, unchecked", file: "raw.ts", path: "/" }
  ],
  order,
  { rounds, slice }
)

/** Least part of Fastify's requests for the same CPU time. The handlers of an api go through effect/http-api's own codecs. */
const budgets = [1, 1]
report(
  standings.slice(1, 3).map(({ cpuRatio, name, rateRatio }, index) => {
    const budget = budgets[index] ?? 1
    return {
      what: `requests for the same CPU time, to Fastify: ${name}`,
      measured: `${cpuRatio.toFixed(2)} x (${rateRatio.toFixed(2)} x by requests a second)`,
      budget: `>= ${budget} x`,
      ok: cpuRatio >= budget || (Number.isNaN(cpuRatio) && rateRatio >= budget)
    }
  })
)
