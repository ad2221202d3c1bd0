import type { GraphClient, GraphNode } from "@portico/client"
import { type AnyCallable, type Codec, type ParamsOf, PorticoError, type ResultOf } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DomainDefinition } from "../../Domain.ts"
import type { Auth, HandlerRequest } from "../../Handler.ts"
import type { CallableName } from "../../Invocation.ts"

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

const nameOf = (callable: AnyCallable): CallableName => {
  if (callable.kind === "function" || callable.owner === undefined) return { name: callable.name }
  const member = callable.owner.slice(callable.owner.indexOf(":") + 1)
  const kind = member.startsWith("interface.") ? "interface" : "class"
  return { owner: { kind, name: member.slice(kind.length + 1) }, name: callable.name }
}

/**
 * Runs one callable of a domain as a host would, coding its params and result, without a kernel behind it.
 * Rejects with the `PorticoError` that a caller would get.
 *
 * @example
 * ```ts sketch
 * const fake = FakeKernel.record().answer("/contacts/ada::link", edge)
 * await invokeDomain(domain, D.Contact.assign, { project: "/p", role: "lead" }, { kernel: fake.kernel, self: ada })
 * ```
 */
export const invokeDomain = async <C extends AnyCallable>(
  domain: DomainDefinition,
  callable: C,
  params: ParamsOf<C>,
  { auth, caller, deps, kernel, request, self, selfKernel }: TestInvocation = {}
): Promise<ResultOf<C>> => {
  // Boundary: `AnyCallable` forgets what its codecs code; `C` knows.
  const encode = (callable.params as Codec<unknown, unknown>).encode
  const invocation = {
    params: Result.getOrThrow(encode(params)),
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
  }
  const result = await Effect.runPromise(domain.invoke(nameOf(callable), invocation))
  return Result.getOrThrow(callable.result.decode(result)) as ResultOf<C>
}
