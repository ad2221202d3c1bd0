import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { type AnyTag, Gateway, type Module, type Plan, type PlanOptions, type PlanRefused } from "../../src/index.ts"

/** A tag that is known by its key only. */
export const tag = (key: string): AnyTag => Context.Service<unknown, unknown>(key)

/** A module whose types were lost, so that the planner has to find what the compiler cannot. */
export const module = (
  id: string,
  parts: Omit<Parameters<typeof Gateway.module.define>[0], "id" | "displayName"> = {}
) => Gateway.module.define({ id, displayName: "Some module", ...parts }) as Module.Any

/** A layer that gives nothing, for modules whose `provides` the compiler cannot follow. */
export const anyLayer: Layer.Layer<unknown> = Layer.empty as Layer.Layer<never> as Layer.Layer<unknown>

export const product = (...modules: ReadonlyArray<Module.Any>) =>
  Gateway.make({ identity: { id: "test", name: "Test" }, modules })

export const ok = Effect.succeed(HttpServerResponse.empty())

/** A handled route that needs no authenticator. */
export const route = (
  mountPath: `/${string}`,
  parts: { readonly id?: string; readonly method?: "GET" | "POST" | "*"; readonly scope?: "public" | "internal" } = {}
) =>
  ({
    id: parts.id ?? `route:${mountPath.replaceAll(/[^a-z0-9]/gi, "-")}`,
    scope: "public",
    auth: "public",
    mountPath,
    handle: ok,
    ...parts
  }) as const

export const planned = (plan: Result.Result<Plan, PlanRefused>): Plan => {
  if (Result.isFailure(plan)) throw plan.failure
  return plan.success
}

/** All findings, of a plan as well as of a refusal. */
export const findings = (modules: ReadonlyArray<Module.Any>, options?: PlanOptions) => {
  const result = Gateway.plan(product(...modules), options)
  return Result.isSuccess(result) ? result.success.warnings : result.failure.diagnostics
}

/** Findings in short: `GATE002 message`. */
export const messages = (modules: ReadonlyArray<Module.Any>, options?: PlanOptions): ReadonlyArray<string> =>
  findings(modules, options).map(({ code, message }) => `${code} ${message}`)
