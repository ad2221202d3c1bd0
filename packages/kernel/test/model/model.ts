import { type Asking, authorize } from "./authorize.ts"
import type { Caller } from "./callers.ts"
import * as links from "./links.ts"
import * as nodes from "./nodes.ts"
import * as perms from "./perms.ts"
import * as queries from "./queries.ts"
import * as reads from "./reads.ts"
import type { Change, Request } from "./requests.ts"
import { copy, type MNode, Refused, refuse, type World } from "./World.ts"

/** What a call comes to, and the world after it. */
export interface Outcome {
  readonly world: World
  readonly result?: unknown
  readonly refused?: Refused
}

/** The whole semantics: one call by one caller. The world that is given stays as it is. */
export const answer = (
  before: World,
  caller: Caller,
  request: Request,
  rest: Pick<Asking, "seq" | "now" | "newId" | "earlier">
): Outcome => {
  const world = copy(before)
  try {
    return { world, result: run({ world, caller, ...rest }, request) }
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    return { world: before, refused: thrown }
  }
}

/** The code of what refuses a caller to call a method of no node; undefined where nothing does. */
export const refusalOf = (world: World, caller: Caller, op: string): string | undefined => {
  const asking = { world, caller, seq: 0, now: 0, earlier: [], newId: () => refuse("INTERNAL") }
  try {
    authorize(asking, op, undefined)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    return thrown.code
  }
}

const run = (asking: Asking, request: Request): unknown => {
  switch (request.op) {
    case "createNode":
      authorize(asking, request.op, undefined)
      return nodes.createNode(asking, request)
    case "mutate":
      authorize(asking, request.op, undefined)
      return mutate(asking, request.ops)
    case "whoami":
      authorize(asking, request.op, undefined)
      return perms.whoami(asking)
    case "checkPerm":
      authorize(asking, request.op, undefined)
      return perms.checkPerm(asking, request)
    case "explainPerm":
      authorize(asking, request.op, undefined)
      return perms.explainPerm(asking, request)
    case "listAccessible":
      authorize(asking, request.op, undefined)
      return perms.listAccessible(asking, request)
    case "query":
      authorize(asking, request.op, undefined)
      return queries.query(asking, request)
    case "listTrash":
      authorize(asking, request.op, undefined)
      return reads.listTrash(asking)
    default:
      return runOn(asking, selfOf(asking, request), request)
  }
}

type OnNode = Extract<Request, { readonly node: string }>

const selfOf = (asking: Asking, { node, op }: OnNode): MNode => {
  const self = authorize(asking, op, node)
  if (self === undefined) throw new Error("an instance method was authorized without a node")
  return self
}

const runOn = (asking: Asking, self: MNode, request: OnNode): unknown => {
  switch (request.op) {
    case "update":
      return nodes.update(asking, self, request)
    case "delete":
      return nodes.remove(asking, self, request)
    case "move":
      return nodes.move(asking, self, request)
    case "restore":
      return nodes.restore(asking, self, request)
    case "link":
      return links.link(asking, self, request)
    case "unlink":
      return links.unlink(asking, self, request)
    case "updateLink":
      return links.updateLink(asking, self, request)
    case "grantPerm":
      return perms.grantPerm(asking, self, request)
    case "revokePerm":
      return perms.revokePerm(asking, self, request)
    case "addMember":
      return perms.addMember(asking, self, request)
    case "removeMember":
      return perms.removeMember(asking, self, request)
    case "listPerms":
      return perms.listPerms(asking, self)
    case "listMembers":
      return perms.listMembers(asking, self)
    case "listHolders":
      return perms.listHolders(asking, self, request)
    case "get":
      return reads.get(asking, self, request)
    case "listChildren":
      return reads.listChildren(asking, self, request)
    case "countChildren":
      return reads.countChildren(asking, self, request)
    case "getTree":
      return reads.getTree(asking, self, request)
    case "getLink":
      return reads.getLink(asking, self, request)
    case "getLinks":
      return reads.getLinks(asking, self, request)
    case "history":
      return reads.history(asking, self)
    case "countLinks":
      return reads.countLinks(asking, self, request)
  }
}

/** Each change is what a call by itself would be; the first that is refused takes the others with it. */
const mutate = (asking: Asking, ops: ReadonlyArray<Change>) => {
  const atEnd: Array<() => void> = []
  const results: Array<unknown> = []
  for (const [index, change] of ops.entries()) {
    results.push(named(index, () => run({ ...asking, atEnd }, withEarlier(change, results))))
  }
  for (const check of atEnd) check()
  return { results }
}

const named = <A>(index: number, work: () => A): A => {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    const { code, details, message } = thrown
    throw new Refused(code, message === undefined ? undefined : `ops[${index}]: ${message}`, { ...details, op: index })
  }
}

/** `$0` is the node of the first change; `$0.path/more` a place below it. */
const withEarlier = (change: Change, results: ReadonlyArray<unknown>): Change => {
  const text = JSON.stringify(change, (_, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith("$")) return value
    const [, number, rest = ""] = /^\$(\d)(?:\.path(\/.*))?$/.exec(value) ?? refuse("INVALID_PARAMS")
    const result = results[Number(number)]
    if (typeof result !== "object" || result === null || !("id" in result) || !("path" in result)) {
      return refuse("INVALID_PARAMS")
    }
    return rest === "" ? `@${result.id}` : `${result.path}${rest}`
  })
  // Boundary: of the same form as what was written.
  return JSON.parse(text) as Change
}
