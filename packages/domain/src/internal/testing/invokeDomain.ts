import type { CallInput, GraphClient, GraphNode } from "@portico/client"
import {
  type AnyCallable,
  type Codec,
  codeItems,
  type ItemOf,
  inputRefused,
  itemsOf,
  type ParamsOf,
  PorticoError,
  type ResultOf
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DomainDefinition } from "../../Domain.ts"
import type { Auth, HandlerRequest } from "../../Handler.ts"
import type { CallableName, Invocation } from "../../Invocation.ts"

/** What a host would give to the code of a domain. All of it may be left out. */
export interface TestInvocation<Item = unknown> {
  /** What a callable reads that does; for one that reads bytes, pieces of them. */
  readonly input?: CallInput<Item>
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
 * Rejects with the `PorticoError` that a caller would get. What streams gives an `AsyncIterable`. A callable is given compiled, with typed params and result,
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
    given?: TestInvocation<ItemOf<C>>
  ): Promise<ResultOf<C>>
  (domain: DomainDefinition, key: string, params: unknown, given?: TestInvocation): Promise<unknown>
} = async (
  domain: DomainDefinition,
  callable: AnyCallable | string,
  params: unknown,
  given: TestInvocation = {}
): Promise<never> => {
  // Boundary, for both: the overloads say what comes out.
  if (typeof callable === "string") {
    return (await run(domain, nameOfKey(callable), invocationOf(params, given), Result.succeed)) as never
  }
  // Boundary: `AnyCallable` forgets what its codecs code; `C` knows.
  const json = Result.getOrThrow((callable.params as Codec<unknown, unknown>).encode(params))
  const invocation = invocationOf(json, given)
  const { encode } = callable.takes as Codec<unknown, unknown>
  const input =
    invocation.input === undefined || callable.definition.input === "binary"
      ? invocation.input
      : codeItems(invocation.input, encode, inputRefused)
  const decode = callable.definition.output === "binary" ? Result.succeed : callable.result.decode
  return (await run(domain, nameOf(callable), { ...invocation, input }, decode)) as never
}

/** Runs a call in a scope that lasts as long as it does. */
const run = (
  domain: DomainDefinition,
  name: CallableName,
  invocation: Invocation,
  decode: (json: unknown) => Result.Result<unknown, PorticoError>
): Promise<unknown> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const end = (exit: Exit.Exit<unknown, unknown>) => Scope.close(scope, exit)
      const result = yield* Scope.provide(domain.invoke(name, invocation), scope).pipe(
        Effect.onError((cause) => end(Exit.failCause(cause)))
      )
      if (Stream.isStream(result)) {
        // Boundary: a domain's stream needs no services.
        const items = codeItems(result as Stream.Stream<unknown, PorticoError>, decode, (error) => error)
        return Stream.toAsyncIterable(Stream.onExit(items, end))
      }
      yield* end(Exit.void)
      return Result.getOrThrow(decode(result))
    })
  )

const invocationOf = (
  params: unknown,
  { auth, caller, deps, input, kernel, request, self, selfKernel }: TestInvocation
): Invocation => ({
  params,
  input: input === undefined ? undefined : (itemsOf(input) ?? Stream.fromIterable(input as Iterable<unknown>)),
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
