import type {
  Address,
  NodeAddress,
  SchemaAddress,
  SchemaMemberKind,
  StaticMethodAddress,
  TreeAddress
} from "../Path.ts"
import { isCamelCase, isHandle, isIdentifier, isOrigin } from "./names.ts"
import { isAscii, maxSlugBytes, slugProblem, splitPlainPath } from "./slugSyntax.ts"

/** Deepest path. */
export const maxPathDepth = 64

/** Longest address in UTF-16 code units: 64 slugs of 128 bytes, and a qualified method behind them. */
export const maxAddressLength = maxPathDepth * (maxSlugBytes + 1) + 512

/** What is wrong with a path that is too deep. */
export const pathTooDeep = `a path has at most ${maxPathDepth} slugs`

/** A sentence that says what is wrong. The callers make an error of it; a refusal is a string, an address is not. */
type Refusal = string

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const root: TreeAddress = { _tag: "Tree", slugs: [] }

export const parseAddress = (input: string): Address | Refusal => {
  if (typeof input !== "string") return "an address is a string"
  if (input.length > maxAddressLength) return `an address has at most ${maxAddressLength} characters`
  if (isAscii(input)) return parseNormalised(input)
  if (!input.isWellFormed()) return "an address is well-formed Unicode"
  return parseNormalised(input.normalize("NFC"))
}

/** Decodes each segment once; what decodes to a separator stays inside its segment and is refused there. */
export const parseUrlPath = (input: string): Address | Refusal => {
  // A percent-encoded character takes up to three times its UTF-8 length.
  if (input.length > maxAddressLength * 3) return `an address has at most ${maxAddressLength} characters`
  if (!input.includes("%")) return parseAddress(input)
  const segments: Array<string> = []
  for (const segment of input.split("/")) {
    let decoded: string
    try {
      decoded = decodeURIComponent(segment)
    } catch {
      return "the percent-encoding is not valid UTF-8"
    }
    if (decoded.includes("/")) return "an encoded slash does not separate"
    segments.push(decoded)
  }
  return parseAddress(segments.join("/"))
}

const parseNormalised = (input: string): Address | Refusal => {
  const split = input.indexOf("::")
  if (split < 0) return parseBase(input)
  const self = parseBase(input.slice(0, split))
  if (typeof self === "string") return self
  if (self._tag === "StaticMethod") return "a method has no methods"
  return parseInstanceMethod(self, input.slice(split + 2))
}

const parseBase = (input: string): NodeAddress | StaticMethodAddress | Refusal => {
  if (input === "/") return root
  if (input.startsWith("/:")) return parseSchema(input.slice(2))
  if (input.startsWith("/")) return parseTree(input)
  if (input.startsWith("@")) {
    const id = input.slice(1)
    return uuid.test(id) ? { _tag: "Id", id } : "an id is @ and a UUID in lower case"
  }
  return "an address starts with / or @"
}

const parseTree = (input: string): TreeAddress | Refusal => {
  const plain = splitPlainPath(input, maxPathDepth)
  if (plain !== undefined) return { _tag: "Tree", slugs: plain }
  const slugs = input.slice(1).split("/")
  if (slugs.length > maxPathDepth) return pathTooDeep
  if (input.endsWith("/")) return "a path does not end in /"
  for (const slug of slugs) {
    const problem = slugProblem(slug)
    if (problem !== undefined) return problem
  }
  return { _tag: "Tree", slugs }
}

const parseSchema = (input: string): SchemaAddress | StaticMethodAddress | Refusal => {
  const [origin = "", memberText, method, ...more] = input.split(":")
  if (!isOrigin(origin)) return "an origin is a domain name in lower case"
  if (memberText === undefined) return { _tag: "Schema", origin }
  const member = parseMember(memberText)
  if (typeof member === "string") return member
  if (method === undefined) return { _tag: "Schema", origin, member }
  const { kind, name } = member
  if (more.length > 0) return "there is nothing behind a method"
  if (kind === "function" || kind === "view") return `a ${kind} has no methods in this form; use ::`
  if (!isCamelCase(method)) return "a method's name is camelCase"
  return { _tag: "StaticMethod", origin, owner: { kind, name }, method }
}

const parseMember = (text: string): { kind: SchemaMemberKind; name: string } | Refusal => {
  const dot = text.indexOf(".")
  const kind = text.slice(0, Math.max(dot, 0))
  const name = text.slice(dot + 1)
  switch (kind) {
    case "class":
    case "interface":
      return isIdentifier(name) ? { kind, name } : `"${kind}." is followed by a name`
    case "function":
    case "view":
      return isHandle(name) ? { kind, name } : `"${kind}." is followed by a name`
    default:
      return "behind an origin comes class., interface., function. or view."
  }
}

const parseInstanceMethod = (self: NodeAddress, text: string): Address | Refusal => {
  const parts = text.split(":")
  const [first = "", owner, method] = parts
  if (parts.length === 1) {
    return isCamelCase(first) ? { _tag: "InstanceMethod", self, method: first } : "a method's name is camelCase"
  }
  if (parts.length !== 3 || owner === undefined || method === undefined) {
    return "behind :: comes a method, or origin:interface.Name:method"
  }
  const member = parseMember(owner)
  if (!isOrigin(first) || typeof member === "string" || member.kind !== "interface" || !isCamelCase(method)) {
    return "behind :: comes a method, or origin:interface.Name:method"
  }
  return { _tag: "InstanceMethod", self, method, qualifier: { origin: first, interface: member.name } }
}
