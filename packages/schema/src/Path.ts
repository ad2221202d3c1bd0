/**
 * Addresses: the one parser and formatter for every form, used by kernel, HTTP, command line and console alike.
 *
 * | form | example |
 * |---|---|
 * | tree | `/projects/apollo` |
 * | id | `@01980a4b-…` |
 * | schema | `/:crm.example.dev`, `/:crm.example.dev:class.Contact`, `/:crm.example.dev:function.seed` |
 * | static method | `/:crm.example.dev:class.Contact:import` |
 * | instance method | `/projects/apollo::get`, `@01980a4b-…::get`, `/a::crm.example.dev:interface.ContactOps:assign` |
 */
import * as Result from "effect/Result"
import { maxAddressLength, maxPathDepth, parseAddress, parseUrlPath } from "./internal/parseAddress.ts"
import { type PathError, pathError } from "./internal/pathError.ts"

export { maxAddressLength, maxPathDepth }

/** A node by its place in the tree; no slugs is Root. */
export interface TreeAddress {
  readonly _tag: "Tree"
  readonly slugs: ReadonlyArray<string>
}

/** A node by its id, a UUID in lower case. */
export interface IdAddress {
  readonly _tag: "Id"
  readonly id: string
}

export type SchemaMemberKind = "class" | "interface" | "function" | "view"

/** A domain, or a class, interface, function or view of it, wherever it is placed. */
export interface SchemaAddress {
  readonly _tag: "Schema"
  readonly origin: string
  readonly member?: { readonly kind: SchemaMemberKind; readonly name: string }
}

/** A method by the class or interface it is found on. */
export interface StaticMethodAddress {
  readonly _tag: "StaticMethod"
  readonly origin: string
  readonly owner: { readonly kind: "class" | "interface"; readonly name: string }
  readonly method: string
}

/** A method of one node. The qualifier says which interface's, where a class has several of that name. */
export interface InstanceMethodAddress {
  readonly _tag: "InstanceMethod"
  readonly self: NodeAddress
  readonly method: string
  readonly qualifier?: { readonly origin: string; readonly interface: string }
}

/** The addresses that name a node. */
export type NodeAddress = TreeAddress | IdAddress | SchemaAddress
export type Address = NodeAddress | StaticMethodAddress | InstanceMethodAddress

export type { PathError }

const refuse = (input: string, problem: string): PathError => {
  const path = excerpt(input)
  return pathError(path, problem, { path })
}

const excerpt = (input: string): string => {
  const text = typeof input === "string" ? input : typeof input
  return text.length <= 120 ? text.toWellFormed() : `${text.slice(0, 120).toWellFormed()}…`
}

/**
 * Reads an address. Text that is not in NFC is normalised once, here; everything else that is not exactly one of
 * the forms is refused with `INVALID_PATH`, and one that is too deep or has too long a slug with `LIMIT_EXCEEDED`, in time linear in its length and without ever repeating all of it.
 *
 * @example
 * ```ts
 * import { Path } from "@portico/schema"
 *
 * const parsed = Path.parse("/projects/apollo::get")
 * // success: { _tag: "InstanceMethod", self: { _tag: "Tree", slugs: ["projects", "apollo"] }, method: "get" }
 * console.log(parsed)
 * ```
 */
export const parse = (input: string): Result.Result<Address, PathError> => {
  const address = parseAddress(input)
  return typeof address === "string" ? Result.fail(refuse(input, address)) : Result.succeed(address)
}

/** Reads an address that has to name a node. */
export const parseNode = (input: string): Result.Result<NodeAddress, PathError> => {
  const address = parseAddress(input)
  if (typeof address === "string") return Result.fail(refuse(input, address))
  return isNodeAddress(address)
    ? Result.succeed(address)
    : Result.fail(refuse(input, "this names a method, and a node is wanted here"))
}

/**
 * Reads an address from the path of a URL, percent-encoded segment by segment. An encoded slash never separates,
 * and nothing is decoded twice.
 */
export const parseUrl = (input: string): Result.Result<Address, PathError> => {
  const address = parseUrlPath(input)
  return typeof address === "string" ? Result.fail(refuse(input, address)) : Result.succeed(address)
}

/** The canonical text of an address; `parse` reads it back to the same value. */
export const format = (address: Address): string => {
  switch (address._tag) {
    case "Tree":
      return formatTree(address.slugs)
    case "Id":
      return `@${address.id}`
    case "Schema":
      return address.member === undefined
        ? `/:${address.origin}`
        : `/:${address.origin}:${address.member.kind}.${address.member.name}`
    case "StaticMethod":
      return `/:${address.origin}:${address.owner.kind}.${address.owner.name}:${address.method}`
    case "InstanceMethod":
      return address.qualifier === undefined
        ? `${format(address.self)}::${address.method}`
        : `${format(address.self)}::${address.qualifier.origin}:interface.${address.qualifier.interface}:${address.method}`
  }
}

/** The text of an address for the path of a URL: each segment percent-encoded. */
export const formatUrl = (address: Address): string => format(address).split("/").map(encodeURIComponent).join("/")

/** `/a/b` from its slugs, `/` from none. The slugs are not checked. */
export const formatTree = (slugs: ReadonlyArray<string>): string => (slugs.length === 0 ? "/" : `/${slugs.join("/")}`)

/** True for an address that names a node. */
export const isNodeAddress = (address: Address): address is NodeAddress =>
  address._tag === "Tree" || address._tag === "Id" || address._tag === "Schema"

/** The text of a child's path: `child("/", "a")` is `/a`. */
export const child = (parent: string, slug: string): string => (parent === "/" ? `/${slug}` : `${parent}/${slug}`)

/** Where the kernel keeps the node of a schema or static-method address, as slugs from Root. */
export const schemaSlugs = (address: SchemaAddress | StaticMethodAddress): ReadonlyArray<string> => {
  if (address._tag === "StaticMethod") {
    return [address.origin, `${address.owner.kind}.${address.owner.name}`, address.method]
  }
  const member = address.member
  if (member === undefined) return [address.origin]
  if (member.kind === "function") return [address.origin, "core", "functions", member.name]
  if (member.kind === "view") return [address.origin, "core", "views", member.name]
  return [address.origin, `${member.kind}.${member.name}`]
}
