import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { PlannedModule, PlannedRoute } from "../../../Plan.ts"
import { makeRawRequest, type TestResponse } from "../testClient.ts"
import type { FaultyWorld } from "./FaultyWorld.ts"

/** Why each module is degraded, or `null` where it is ready: worked out one by one, without looking at the states. */
const expectedReasons = (victim: string, reason: string, modules: ReadonlyArray<PlannedModule>) => {
  const reasons = new Map<string, string | null>()
  for (const { dependsOn, id } of modules) {
    const missing = dependsOn.filter(
      ({ module, optional, services }) => services.length > 0 && !optional && typeof reasons.get(module) === "string"
    )
    const needs = missing.map(({ module }) => `it needs "${module}", which is degraded`)
    reasons.set(id, id === victim ? reason : (needs[0] ?? null))
  }
  return reasons
}

/** A target that the route takes. */
const targetOf = ({ path }: PlannedRoute): string => path.replaceAll(/:[^/]+/g, "x").replaceAll("*", "x")

const refuses = ({ auth, path, scope }: PlannedRoute, answer: TestResponse, message: string): void => {
  const said = `${path} answered ${answer.status} ${answer.text}`
  if (scope === "internal" || auth === "required") {
    // Whether it says more than that a credential is missing depends on who asks.
    assert.ok([401, 403, 503].includes(answer.status), said)
    return
  }
  assert.equal(answer.status, 503, said)
  assert.ok(Number(answer.headers["retry-after"]) > 0, `${path} does not say when to ask again`)
  if (auth === "public") assert.ok(answer.text.includes(JSON.stringify(message).slice(1, -1)), said)
}

/** The product runs on without the module and all that need it, and says why to whoever asks. */
export const checkDegraded = Effect.fnUntraced(function* (
  victim: PlannedModule,
  reason: string,
  { listeners, plan, states }: FaultyWorld
) {
  const [listener] = listeners
  assert.ok(listener !== undefined, "the port was not bound")
  const reasons = expectedReasons(victim.id, reason, plan.modules)
  const expected = plan.modules.map(({ id }) => ({ id, reason: reasons.get(id) ?? null }))
  assert.deepEqual(
    states().map(({ id, reason }) => ({ id, reason })),
    expected
  )
  for (const { id, status } of states()) assert.equal(status, reasons.get(id) === null ? "ready" : "degraded", id)

  const ask = makeRawRequest(listener)
  for (const route of plan.routes) {
    const module = plan.modules.find(({ id }) => id === route.module)
    const why = reasons.get(route.module)
    if (module === undefined || typeof why !== "string" || !route.handled) continue
    const method = route.method === "*" ? "GET" : route.method
    refuses(route, yield* ask({ method, target: targetOf(route) }), `${module.displayName} is degraded: ${why}`)
  }

  const ready = yield* ask({ method: "GET", target: "/readyz" })
  assert.ok(ready.text.includes(JSON.stringify(reason).slice(1, -1)), `/readyz says ${ready.text}`)
  assert.ok(!ready.text.startsWith('{"status":"ready"'), `/readyz says ${ready.text}`)
})
