import { EDIT, type Issue, Mask, PorticoError, READ, type RefContract, USE } from "@portico/schema"
import type { CallRequest } from "../../Kernel.ts"
import { checkJson } from "../json.ts"
import { isOwn } from "../ops/asked.ts"
import type { Op } from "../ops/Op.ts"
import { maySeeInTrash } from "../ops/trash.ts"
import { fitsAny } from "../ops/types.ts"
import { isKernel } from "../schema/SchemaCache.ts"
import type { CallableInfo } from "../schema/types.ts"
import { issuesOf } from "../schema/validate.ts"
import type { Target } from "../store/Address.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { checkPages, mostOfPage } from "./pages.ts"
import type { Route } from "./route.ts"

/** A call that may go ahead. */
export interface Authorized {
  readonly callable: CallableInfo
  readonly self: NodeRecord | undefined
  readonly params: unknown
}

const noParams: Readonly<Record<string, never>> = Object.freeze({})

/**
 * Checks, in this order: that the caller may know of the node; a credential, where one is required; USE on the
 * callable; its needs on the node; the params against its contract; what its references demand on other nodes. `isJson`
 * says that the params are known to be JSON.
 */
export const authorize = (op: Op, route: Route, request: CallRequest, isJson = false): Authorized => {
  const { callable, self: target } = route
  if (callable === undefined) return route.refuse(op)
  const self = checkKnown(op, route)
  const isDeleted = target?.deleted === true
  if (callable.contract.auth === "required" && op.standing.anonymous) {
    throw PorticoError.make("UNAUTHENTICATED", `${callable.path} needs a credential`)
  }
  checkUse(op, callable, route)
  if (self !== undefined && !isDeleted && !isOwnMatter(op, self, callable.contract.needs))
    op.require({ text: target?.text ?? "", node: self, nearest: self }, callable.contract.needs, "resource")
  const params = checkParams(callable, request.params, isJson)
  if (isKernel(callable.domain)) checkPages(op, params)
  for (const ref of callable.contract.refs) checkRef(op, ref, params)
  return { callable, self, params }
}

/**
 * The node that is called, if the caller may know of it. A write asks this before it waits for its turn: where there is no
 * node nobody has to.
 */
export const checkKnown = (op: Op, { callable, self }: Route): NodeRecord | undefined =>
  self === undefined ? undefined : knownNode(op, self, callable?.contract.needs ?? 0)

const knownNode = (op: Op, target: Target, needs: number): NodeRecord => {
  const { deleted, node } = target
  if (node === undefined) return op.missing(target)
  // Whoever could not restore it is told what is told of a place where nothing is.
  if (deleted === true) {
    if (!maySeeInTrash(op, node.key)) return op.missing(target)
    op.noted?.push(["node", node.key, READ | EDIT])
    return node
  }
  const mask = op.standing.mask(node)
  const known = (mask & READ) !== 0 || (mask !== 0 && Mask.has(mask, needs)) || isOwnMatter(op, node, needs)
  return known ? node : op.missing(target)
}

/** Nobody needs a grant on oneself for what asks for none: whoever calls knows already that they exist. */
const isOwnMatter = (op: Op, self: NodeRecord, needs: number): boolean => needs === 0 && isOwn(op, self)

const checkUse = (op: Op, callable: CallableInfo, route: Route): void => {
  const node = nodeByKey(op.graph, callable.key)
  const mask = node === undefined ? 0 : op.standing.callableMask(node, op.tools.operations.has(callable.path))
  if (node !== undefined && (mask & USE) !== 0) {
    op.noted?.push([op.tools.operations.has(callable.path) ? "operation" : "callable", node.key, USE])
    return
  }
  // That the kernel has its methods is no secret.
  const isKnown = (mask & READ) !== 0 || isKernel(callable.domain)
  if (node !== undefined && isKnown) op.denied(node, USE, "type")
  route.refuse(op)
}

/** What the contracts of the kernel's own operations limit that is no matter of form, by param and keyword. */
const limits: Readonly<Record<string, { readonly limit: string; readonly max: number }>> = {
  "limit maximum": { limit: "page", max: mostOfPage },
  "steps maxItems": { limit: "steps", max: 16 }
}

const limitIn = ({ domain }: CallableInfo, issues: ReadonlyArray<Issue>) => {
  const [issue, ...more] = issues
  if (issue === undefined || more.length > 0 || !isKernel(domain)) return undefined
  return limits[`${issue.path[issue.path.length - 1]} ${issue.code}`]
}

const checkParams = (callable: CallableInfo, given: unknown, isJson: boolean): Readonly<Record<string, unknown>> => {
  const params = given ?? noParams
  if (!isJson && given !== undefined && given !== null) checkJson(given, "params")
  const issues = issuesOf(callable.contract.params, params)
  // Boundary: the params of a contract are an object schema.
  if (issues.length === 0) return params as Readonly<Record<string, unknown>>
  const [first] = issues
  const where = first === undefined ? "" : `: ${[first.path.join("."), first.message].join(" ").trim()}`
  const message = `the params do not fit ${callable.path}${where}`
  const limit = limitIn(callable, issues)
  if (limit !== undefined) throw PorticoError.make("LIMIT_EXCEEDED", message, { ...limit, issues })
  throw PorticoError.make("INVALID_PARAMS", message, { issues })
}

/** The values of a reference: one address, or several in an array. */
const addressesOf = (value: unknown): ReadonlyArray<string> =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string")

const checkRef = (op: Op, ref: RefContract, params: Readonly<Record<string, unknown>>): void => {
  if (ref.needs === 0 || !Object.hasOwn(params, ref.param)) return
  for (const address of addressesOf(params[ref.param])) {
    const node = op.node(address, ref.needs, "param")
    if (!fitsAny(op.graph, node, ref.types)) {
      const message = `has to be one of ${ref.types.join(", ")}`
      throw PorticoError.make("INVALID_PARAMS", `${ref.param} ${message}`, {
        issues: [{ path: [ref.param], code: "class", message }]
      })
    }
  }
}
