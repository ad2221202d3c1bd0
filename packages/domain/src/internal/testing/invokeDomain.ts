import type { GraphClient, GraphNode } from "@portico/client"
import { type AnyCallable, type Codec, type ParamsOf, PorticoError, type ResultOf } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DomainDefinition } from "../../Domain.ts"
import type { Auth, HandlerRequest } from "../../Handler.ts"
import type { CallableName, Invocation } from "../../Invocation.ts"

/** What a host would give to the code of a domain. All of it may be left out. */
export interface TestInvocation {
  readonly kernel?: GraphClient
  /** `kernel` unless given. */
  readonly caller?: GraphClient
  /** `kernel` unless given. */
  readonly selfKernel?: GraphClient
  readonly self?: GraphNode
  readonly deps?: unknown
  readonly auth?: Auth
  readonly request?: HandlerRequest
}

/** `class.Contact:assign` or `function.seed`. */
const nameOfKey = (key: string): CallableName => {
  const [member = "", method] = key.split(":", 2)
  const [kind, name = ""] = member.split(".", 2)
  return method !== undefined && (kind === "class" || kind === "interface")
    ? { owner: { kind, name }, name: method }
    : { name }
}

const nameOf = ({ name, owner }: AnyCallable): CallableName =>
  owner === undefined ? { name } : nameOfKey(`${owner.slice(owner.indexOf(":") + 1)}:${name}`)

/**
 * Runs one callable of a domain as a host would, coding its params and result, without a kernel behind it.
 * Rejects with the `PorticoError` that a caller would get. A callable is given compiled, with typed params and result,
 * or by its key (`function.seed`, `class.Contact:assign`), with JSON both ways.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { defineDomain, defineRemoteFunction } from "@portico/domain"
 * import { FakeKernel, invokeDomain } from "@portico/domain/testing"
 * import { defineSchema } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const title = defineRemoteFunction({
 *   params: { path: Schema.String },
 *   returns: Schema.String,
 *   execute: async ({ kernel, params }) => (await kernel.get(params.path)).slug.toUpperCase()
 * })
 * const domain = defineDomain({ schema: defineSchema("hello.example.dev", {}), functions: { title } })
 *
 * const fake = FakeKernel.record().answer("/contacts/ada::get", { id: "1", path: "/contacts/ada", slug: "ada" })
 * const result = await invokeDomain(domain, "function.title", { path: "/contacts/ada" }, { kernel: fake.kernel })
 * assert.equal(result, "ADA")
 * ```
 */
export const invokeDomain: {
  <C extends AnyCallable>(
    domain: DomainDefinition,
    callable: C,
    params: ParamsOf<C>,
    given?: TestInvocation
  ): Promise<ResultOf<C>>
  (domain: DomainDefinition, key: string, params: unknown, given?: TestInvocation): Promise<unknown>
} = async (
  domain: DomainDefinition,
  callable: AnyCallable | string,
  params: unknown,
  given: TestInvocation = {}
): Promise<never> => {
  const invoke = (name: CallableName, json: unknown) =>
    Effect.runPromise(domain.invoke(name, invocationOf(json, given)))
  // Boundary, for both: the overloads say what comes out.
  if (typeof callable === "string") return (await invoke(nameOfKey(callable), params)) as never
  // Boundary: `AnyCallable` forgets what its codecs code; `C` knows.
  const json = Result.getOrThrow((callable.params as Codec<unknown, unknown>).encode(params))
  return Result.getOrThrow(callable.result.decode(await invoke(nameOf(callable), json))) as never
}

const invocationOf = (
  params: unknown,
  { auth, caller, deps, kernel, request, self, selfKernel }: TestInvocation
): Invocation => ({
  params,
  self,
  kernel: kernel ?? null,
  caller: caller ?? kernel ?? null,
  selfKernel: () => {
    const own = selfKernel ?? kernel
    if (own === undefined) throw PorticoError.make("INTERNAL", "This test gave no kernel.")
    return own
  },
  auth: auth ?? null,
  deps,
  request
})
