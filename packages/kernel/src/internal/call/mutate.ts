import { type Issue, K, type ParamsOf, PorticoError } from "@portico/schema"
import * as Predicate from "effect/Predicate"
import type { CallRequest } from "../../Kernel.ts"
import type { Parts } from "../store/GraphStore.ts"

type Params = ParamsOf<typeof K.Node.mutate>
type Change = Params["ops"][number]

/** Where the Function node of a method of every node is. */
export const methodNode = (name: string): string => `/${K.Node.createNode.path.split(":")[1]}/interface.Node/${name}`

/** A part that makes one change of a batch, as a call of its own would, and gives what that would answer. */
export type MakeChange = (request: CallRequest) => () => unknown

/**
 * `Node:mutate`: each change is what a call by itself would be, with all that such a call is checked for. They are in
 * one transaction, so the first that is refused takes the others with it.
 */
export function* mutate(
  { ops }: Params,
  make: MakeChange,
  most: number
): Parts<{ readonly results: ReadonlyArray<unknown> }> {
  if (ops.length > most) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a batch has at most ${most} changes`, { limit: "ops", max: most })
  }
  const results: Array<unknown> = []
  for (const [index, change] of ops.entries()) {
    try {
      results.push(yield make(requestOf(change, new Earlier(results, index))))
    } catch (thrown) {
      throw naming(index, thrown)
    }
  }
  return { results }
}

const addresses = [K.Node.mutate.path.slice(K.Node.mutate.path.lastIndexOf(":")), methodNode("mutate")]

/** The idempotency key among the params of a `mutate`, whose address ends like this and like nothing else's. */
export const keyInParams = ({ params, path }: CallRequest): string | undefined => {
  if (!Predicate.hasProperty(params, "idempotencyKey") || !addresses.some((end) => path.endsWith(end))) return undefined
  return typeof params.idempotencyKey === "string" ? params.idempotencyKey : undefined
}

/** Says of a refusal which change it is of. */
const naming = (index: number, thrown: unknown): unknown =>
  thrown instanceof PorticoError
    ? PorticoError.make(thrown.code, `ops[${index}]: ${thrown.message}`, { ...thrown.details, op: index })
    : thrown

const requestOf = (change: Change, earlier: Earlier): CallRequest => {
  if (change.op === "createNode") {
    const { op: _, links, parent, path, ...rest } = change
    const params = {
      ...rest,
      ...(path === undefined ? undefined : { path: earlier.resolve(path, "path") }),
      ...(parent === undefined ? undefined : { parent: earlier.resolve(parent, "parent") }),
      ...(links === undefined
        ? undefined
        : { links: links.map((link) => ({ ...link, target: earlier.resolve(link.target, "links") })) })
    }
    return { path: K.Node.createNode.path, params }
  }
  const { op, node, ...rest } = change
  const params = {
    ...rest,
    ...("target" in rest ? { target: earlier.resolve(rest.target, "target") } : undefined),
    ...("to" in rest ? { to: earlier.resolve(rest.to, "to") } : undefined)
  }
  return { path: methodNode(op), self: earlier.resolve(node, "node"), params }
}

/** What the changes before this one made, by the names that addresses give it. */
class Earlier {
  readonly #results: ReadonlyArray<unknown>
  readonly #index: number

  constructor(results: ReadonlyArray<unknown>, index: number) {
    this.#results = results
    this.#index = index
  }

  /** An address, with a name at its start replaced: `$0` and `$0.id` by the id, `$0.path` by the path. */
  resolve(text: string, param: string): string {
    if (!text.startsWith("$")) return text
    const [, number = "", field = "id", rest = ""] = /^\$(\d{1,4})(?:\.(id|path))?(\/.*)?$/s.exec(text) ?? []
    const result = this.#results[Number(number)]
    if (number === "" || !Predicate.hasProperty(result, "id") || !Predicate.hasProperty(result, "path")) {
      return this.#refuse(param, `${text} names no node that an earlier change made or changed`)
    }
    if (field === "path") return `${result.path === "/" ? "" : result.path}${rest}`
    return rest === "" ? `@${result.id}` : this.#refuse(param, `${text}: only $${number}.path may be continued`)
  }

  #refuse(param: string, message: string): never {
    const issues: ReadonlyArray<Issue> = [{ path: ["ops", this.#index, param], code: "reference", message }]
    throw PorticoError.make("INVALID_PARAMS", message, { issues })
  }
}
