import type { AnyInterface, AnyNodeClass } from "../../Definition.ts"
import { refuse } from "../refuse.ts"

interface Members {
  readonly props: ReadonlySet<string>
  readonly methods: ReadonlySet<string>
}

/** Every interface that these have, each once, the nearest first. */
export const closure = (interfaces: ReadonlyArray<AnyInterface>): ReadonlyArray<AnyInterface> => {
  const found = new Set<AnyInterface>()
  const visit = (definition: AnyInterface): void => {
    if (found.has(definition)) return
    found.add(definition)
    for (const base of definition.extends) visit(base)
  }
  for (const definition of interfaces) visit(definition)
  return [...found]
}

/** The names of all members, inherited ones too. */
export const membersOf = (
  definition: AnyInterface | AnyNodeClass,
  interfaces: ReadonlyArray<AnyInterface>
): Members => {
  const all = [definition, ...closure(interfaces)]
  return {
    props: new Set(all.flatMap((one) => Object.keys(one.props))),
    methods: new Set(all.flatMap((one) => Object.keys(one.methods)))
  }
}

/**
 * One namespace for properties and methods, inherited ones too. A class may have a method that its interface also
 * has (a call finds the class's first); a property may be declared once only, or its short name would be ambiguous.
 */
export const checkInherited = (
  name: string,
  definition: AnyInterface | AnyNodeClass,
  interfaces: ReadonlyArray<AnyInterface>
): void => {
  for (const inherited of closure(interfaces)) {
    if (inherited === definition) refuse(name, "an interface cannot extend itself")
    for (const prop of Object.keys(definition.props)) {
      if (Object.hasOwn(inherited.props, prop) || Object.hasOwn(inherited.methods, prop)) {
        refuse(`${name}.${prop}`, "an interface already has a member of this name")
      }
    }
    for (const [method, own] of Object.entries(definition.methods)) {
      const base = inherited.methods[method]
      if (Object.hasOwn(inherited.props, method)) {
        refuse(`${name}.${method}`, "an interface already has a property of this name")
      }
      if (base !== undefined && base.static !== own.static) {
        refuse(`${name}.${method}`, "an interface has this method, and only one of them is static")
      }
    }
  }
}
