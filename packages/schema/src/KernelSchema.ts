/**
 * The kernel's own schema, in the language of domains: what every node, edge and identity has and can do.
 * Declared here is what an instance implements; more comes with the operations themselves.
 */
import { type CompiledDomain, compileDomain } from "./Compiled.ts"
import * as classes from "./internal/kernel/classes.ts"
import * as edges from "./internal/kernel/edges.ts"
import * as interfaces from "./internal/kernel/interfaces.ts"
import { makeDomainSchema } from "./internal/makeDomainSchema.ts"

export { reservedMethodNames } from "./internal/reservedNames.ts"

const { Function_, ...otherClasses } = classes
const { extends_, implements_, ...otherEdges } = edges

/** Origin of the kernel's schema. */
export const kernelOrigin = "kernel.portico.dev"

/**
 * Import it to build on its classes and interfaces.
 *
 * @example
 * ```ts
 * import { KernelSchema, nodeClass } from "@portico/schema"
 *
 * const Notebook = nodeClass({ implements: [KernelSchema.interfaces.Container] })
 * ```
 */
// Not `defineSchema`, whose check of everything would cost every start; a test does it instead.
export const KernelSchema = makeDomainSchema(
  "kernel.portico.dev",
  {
    interfaces: { ...interfaces },
    classes: { ...otherClasses, Function: Function_, ...otherEdges, extends: extends_, implements: implements_ }
  },
  true
)

/** The typed handles of the kernel's schema: `K.Node.get`, `K.Folder.ref`, `K.has_perm.mask.key`. */
export const K: CompiledDomain<typeof KernelSchema> = compileDomain(KernelSchema)

const reading = ["get", "getLink", "getLinks", "countLinks", "listChildren", "countChildren", "getTree", "query"]

/**
 * Addresses of the methods that grant USE to everyone, callers without a credential too; the kernel's others grant
 * it to whoever showed one. What they reach is decided by grants on nodes.
 */
export const readingMethods: ReadonlyArray<string> = [
  ...reading.map((name) => `/:${kernelOrigin}:interface.Node:${name}`),
  `/:${kernelOrigin}:interface.Identity:whoami`
]
