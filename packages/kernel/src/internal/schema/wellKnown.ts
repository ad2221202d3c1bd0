import { K, kernelOrigin } from "@portico/schema"

/** References of the kernel's own schema that the kernel itself asks for. */
export const nodeInterface = K.Node.ref
export const edgeInterface = K.Edge.ref
export const containerInterface = K.Container.ref
export const identityInterface = K.Identity.ref
export const hasPerm = K.has_perm.ref
export const memberOf = K.member_of.ref
export const hasParent = K.has_parent.ref
export const instanceOf = K.instance_of.ref

/** Classes whose nodes only an install makes, changes and removes. */
export const schemaClasses: ReadonlySet<string> = new Set([
  K.Root.ref,
  K.Domain.ref,
  K.Class.ref,
  K.Interface.ref,
  K.EdgeClass.ref,
  K.Function.ref,
  K.View.ref
])

/** Paths of the nodes that the first boot makes. */
export const everyonePath = "/identities/everyone"
export const authenticatedPath = "/identities/authenticated"

/** Nodes that an instance finds by their paths; the Role of operators is made by auth. */
export const builtInPaths: ReadonlyArray<string> = [everyonePath, authenticatedPath, "/identities/operators"]

export const isKernelRef = (ref: string): boolean => ref.startsWith(`${kernelOrigin}:`)
