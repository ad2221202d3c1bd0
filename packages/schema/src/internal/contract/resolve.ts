import type { AnyDomainSchema } from "../../DomainSchema.ts"
import { refuse } from "../refuse.ts"

/** Turns a class or interface that an author put somewhere into its reference. */
export type Resolve = (target: unknown, where: string) => string

const hasRef = (target: unknown): target is { readonly ref: string } =>
  typeof target === "object" && target !== null && "ref" in target && typeof target.ref === "string"

/** The references a schema defines. */
const definedIn = (schema: AnyDomainSchema, ref: string): boolean => {
  const [kind, name = ""] = ref.slice(schema.origin.length + 1).split(".", 2)
  return Object.hasOwn(kind === "interface" ? schema.interfaces : schema.classes, name)
}

/**
 * References by identity: a definition that `defineSchema` returned says itself what it is, which holds across copies
 * of this package; one that went in is looked up in this schema and in its imports.
 */
export const makeResolve = (schema: AnyDomainSchema): Resolve => {
  const scope = [schema, ...schema.imports]

  const byName = (name: string, where: string): string => {
    if (!name.includes(":")) {
      for (const [kind, definitions] of [
        ["class", schema.classes],
        ["interface", schema.interfaces]
      ] as const) {
        if (Object.hasOwn(definitions, name)) return `${schema.origin}:${kind}.${name}`
      }
      return refuse(where, `this schema has no class or interface "${name}"`)
    }
    return byRef(name, where)
  }

  const byRef = (ref: string, where: string): string => {
    const origin = ref.slice(0, ref.indexOf(":"))
    const owner = scope.find((candidate) => candidate.origin === origin)
    if (owner === undefined) return refuse(where, `add the schema of ${origin} to imports`)
    return definedIn(owner, ref) ? ref : refuse(where, `${origin} has no ${ref.slice(origin.length + 1)}`)
  }

  return (target, where) => {
    if (typeof target === "string") return byName(target, where)
    for (const candidate of scope) {
      const ref = candidate["~refs"].get(target)
      if (ref !== undefined) return ref
    }
    if (hasRef(target)) return byRef(target.ref, where)
    return refuse(where, "this class or interface is neither of this schema nor of its imports")
  }
}
