import type { GraphClient, GraphNode } from "@portico/client"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Auth, HandlerRequest } from "./Handler.ts"

/** Which callable of a domain: a method by its class or interface, or a function. */
export interface CallableName {
  readonly owner?: { readonly kind: "class" | "interface"; readonly name: string }
  readonly name: string
}

/** One call of a domain's code, as its host makes it: JSON in, JSON (or a `Response`) or a stream out. */
export interface Invocation {
  /** Checked again against the schema that the code was compiled with. */
  readonly params: unknown
  /** What it reads: items as JSON, or bytes. */
  readonly input?: Stream.Stream<unknown, unknown> | undefined
  /** The node of an instance method. */
  readonly self?: GraphNode | undefined
  readonly kernel: GraphClient | null
  readonly caller: GraphClient | null
  readonly selfKernel: () => GraphClient
  readonly auth: Auth | null
  readonly deps: unknown
  readonly request?: HandlerRequest | undefined
  /** Makes the clients above refuse and ends what they stream. Run when the call is over, maybe more than once. */
  readonly end?: Effect.Effect<void>
}

/** The key of a callable in a domain: `class.Contact:assign`, `interface.ContactOps:createContact`, `function.seed`. */
export const callableKey = ({ name, owner }: CallableName): string =>
  owner === undefined ? `function.${name}` : `${owner.kind}.${owner.name}:${name}`
