import { isCamelCase, isHandle, isIdentifier, isPascalCase, isSnakeCase } from "../names.ts"
import { refuse } from "../refuse.ts"
import { reservedMethodNames } from "../reservedNames.ts"

/** What the members of compiled handles are called: `D.Contact.path`, `D.Contact.ref`, `D.Contact.email.key`. */
const reservedMembers: ReadonlySet<string> = new Set(["path", "key", "ref"])

/** What compiled domains have beside their classes: `D.functions`, … */
const reservedClasses: ReadonlySet<string> = new Set(["functions", "views", "origin", "schema"])

const isInherited = (name: string): boolean => name in Object.prototype

/** The naming rules, each with the sentence that is said when it is broken. Undefined is "fine". */
export const nameProblem = {
  interface: (name: string): string | undefined =>
    isPascalCase(name) ? undefined : "the name of an interface is PascalCase",
  nodeClass: (name: string): string | undefined =>
    isPascalCase(name) ? undefined : "the name of a node class is PascalCase",
  edgeClass: (name: string): string | undefined => {
    if (reservedClasses.has(name) || isInherited(name)) return `"${name}" is reserved`
    return isSnakeCase(name) ? undefined : "the name of an edge class is snake_case"
  },
  prop: (name: string): string | undefined => {
    if (reservedMembers.has(name) || isInherited(name)) return `"${name}" is reserved`
    return isIdentifier(name) ? undefined : "the name of a property is letters, digits and _, a letter first"
  },
  method: (name: string): string | undefined => {
    if (reservedMembers.has(name) || isInherited(name)) return `"${name}" is reserved`
    return isCamelCase(name) ? undefined : "the name of a method is camelCase"
  },
  domainMethod: (name: string): string | undefined =>
    reservedMethodNames.has(name) ? `every node has the kernel's own "${name}"; choose another name` : undefined,
  param: (name: string): string | undefined => {
    if (isInherited(name)) return `"${name}" is reserved`
    return isIdentifier(name) ? undefined : "the name of a param is letters, digits and _, a letter first"
  },
  handle: (name: string): string | undefined => {
    if (isInherited(name)) return `"${name}" is reserved`
    return isHandle(name) ? undefined : "this name is letters, digits, _ and -, a letter first"
  },
  end: (name: string): string | undefined =>
    isIdentifier(name) && !isInherited(name)
      ? undefined
      : "what an end is `as` is letters, digits and _, a letter first"
}

/** Refuses a name that breaks its rule. */
export const checkName = (kind: keyof typeof nameProblem, name: string, where: string): void => {
  const problem = nameProblem[kind](name)
  if (problem !== undefined) refuse(where, problem)
}

const bounds = /^(0|[1-9][0-9]{0,8})(?:\.\.(\*|0|[1-9][0-9]{0,8}))?$/

/** `1`, `0..1`, `0..*`, … with the lower bound no larger than the upper. */
export const isCardinality = (text: string): boolean => {
  const match = bounds.exec(text)
  if (match === null) return false
  const [, least, most] = match
  return most === undefined ? Number(least) > 0 : most === "*" || (Number(least) <= Number(most) && Number(most) > 0)
}
