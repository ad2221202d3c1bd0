import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { GateError } from "../../src/GateError.ts"
import { Gateway, type Plan } from "../../src/index.ts"
import { Endpoint } from "../../src/internal/http/Endpoint.ts"
import { RouteTable } from "../../src/internal/http/RouteTable.ts"
import { module, product, route } from "../support/planning.ts"

const firsts = ["a", "v1", "a.json", ":x", "v:x", ":x.json", ":x(\\d+)", ":x(\\w+)", "v:x(\\d+)", ":x-:y", ":x-b.json"]
const paths = firsts.flatMap((first) => ["", "/c", "/:z", "/*"].map((rest) => `/${first}${rest}` as const))

const asked = ["a", "v1", "a.json", "v1.json", "7", "7-a", "7-b.json"]
const requests = asked.flatMap((first) => ["", "/c", "/d", "/c/d"].map((rest) => `/${first}${rest}`))

const one = (id: string, path: `/${string}`) => module(id, { routes: [route(path, { id: "r" })] })

/** The module that the running product would send a request to. */
const router = (plan: Plan) => {
  const table = new RouteTable(plan.routes.map((info) => new Endpoint(info, () => GateError.make("UNAVAILABLE"))))
  return (request: string): string | undefined => table.find("GET", request)?.handler.info.module
}

const alone = new Map(
  paths.map((path) => {
    const table = router(Result.getOrThrow(Gateway.plan(product(one("a", path)))))
    return [path, new Set(requests.filter((request) => table(request) !== undefined))]
  })
)

describe("two modules' routes that can match one request", () => {
  it.each(paths)("%s and every other path: the finding says which of them gets it", (first) => {
    for (const second of paths) {
      const plan = Gateway.plan(product(one("a", first), one("b", second)))
      const both = requests.filter((request) => alone.get(first)?.has(request) && alone.get(second)?.has(request))
      if (Result.isFailure(plan)) {
        expect([first, second, plan.failure.diagnostics.map(({ code }) => code)]).toEqual([first, second, ["GATE005"]])
        continue
      }
      const winner = router(plan.success)
      const [finding, ...others] = plan.success.warnings
      expect(others).toEqual([])
      const winners = [...new Set(both.map(winner))]
      const isOpen = finding?.message.endsWith("neither goes first") === true
      const told = finding === undefined || isOpen ? [] : [finding.modules[0]]
      expect([first, second, winners]).toEqual([first, second, isOpen || both.length === 0 ? winners : told])
    }
  })
})
