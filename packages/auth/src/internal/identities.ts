import { Authority, type KernelService, type NodeView } from "@portico/kernel"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** Where the identities are that this module makes. */
export const identityPaths = {
  operators: "/identities/operators",
  operator: "/identities/operator",
  admin: "/identities/admin"
} as const

const allBits = 15

/** Makes a node, or finds it where it was made before. Gives its id. */
export const makeIdentity = (
  kernel: KernelService,
  options: { readonly class: string; readonly path: string; readonly name: string; readonly description: string }
): Effect.Effect<string, PorticoError> =>
  Effect.flatMap(
    kernel.call(Authority.system, {
      path: K.Node.createNode.path,
      params: {
        class: options.class,
        path: options.path,
        props: { [K.Named.name.key]: options.name, [K.Descriptable.description.key]: options.description },
        onConflict: "skip"
      }
    }),
    ({ result }) =>
      Predicate.hasProperty(result, "id") && typeof result.id === "string"
        ? Effect.succeed(result.id)
        : Effect.die(new Error(`createNode of ${options.path} gave no id`))
  )

/** All bits on everything, and a place among the operators. */
export const makeOperator = (kernel: KernelService, path: string): Effect.Effect<void, PorticoError> =>
  Effect.all(
    [
      kernel.call(Authority.system, { path: `${path}::grantPerm`, params: { node: "/", perms: allBits } }),
      kernel.call(Authority.system, { path: `${identityPaths.operators}::addMember`, params: { member: path } })
    ],
    { discard: true }
  )

/** The identities of the first start: the Role of operators and the Service behind the local command line. */
export const makeBuiltIn = (kernel: KernelService): Effect.Effect<void, PorticoError> =>
  Effect.gen(function* () {
    yield* makeIdentity(kernel, {
      class: K.Role.ref,
      path: identityPaths.operators,
      name: "Operators",
      description: "May look after the instance: internal routes are open to members."
    })
    yield* makeIdentity(kernel, {
      class: K.Service.ref,
      path: identityPaths.operator,
      name: "Operator",
      description: "Whoever may read operator.token in the data folder."
    })
    yield* makeOperator(kernel, identityPaths.operator)
  })

/** Short name of a node's class: `User` for `kernel.portico.dev:class.User`. */
export const kindOf = (node: NodeView): string => node.class.slice(node.class.lastIndexOf(".") + 1)

/** What people call an identity: its name, or its slug. */
export const nameOf = (node: NodeView): string => {
  const name = node.props[K.Named.name.key]
  return typeof name === "string" && name !== "" ? name : node.slug
}

const interactive: ReadonlySet<string> = new Set([K.User.ref, K.Service.ref])

/** Whether an identity may hold credentials of its own: people and programs, not groups, domains or functions. */
export const holdsCredentials = (node: NodeView): boolean => interactive.has(node.class)

/** Whether an identity may have keys of its own to show what was delegated to it. */
export const registersKeys = (node: NodeView): boolean => holdsCredentials(node) || node.class === K.Domain.ref
