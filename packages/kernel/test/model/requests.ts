import { type Json, K } from "@portico/schema"
import type { CallRequest } from "../../src/index.ts"

type Given = Readonly<Record<string, Json>>
export type OnConflict = "fail" | "merge" | "skip"
export type Direction = "out" | "in" | "both"

interface ToEdge {
  readonly edgeClass: string
  readonly target: string
  readonly slug?: string
}
export interface NewLink extends ToEdge {
  readonly props?: Given
}

interface Create {
  readonly class: string
  readonly path?: string
  readonly parent?: string
  readonly slug?: string
  readonly props?: Given
  readonly links?: ReadonlyArray<NewLink>
  readonly onConflict?: OnConflict
}
interface Update {
  readonly props: Given
  readonly unset?: ReadonlyArray<string>
  readonly ifRev?: number
}
interface Remove {
  readonly recursive?: boolean
  readonly ifRev?: number
}
interface Move {
  readonly to: string
  readonly slug?: string
  readonly ifRev?: number
}
interface Link extends NewLink {
  readonly onConflict?: OnConflict
  readonly ifRev?: number
}
interface Unlink extends ToEdge {
  readonly ifRev?: number
}
interface UpdateLink extends ToEdge {
  readonly props: Given
  readonly unset?: ReadonlyArray<string>
  readonly ifRev?: number
}

/** What is done to a node, by itself or as one of several. */
export type Change =
  | ({ readonly op: "createNode" } & Create)
  | ({ readonly op: "update"; readonly node: string } & Update)
  | ({ readonly op: "delete"; readonly node: string } & Remove)
  | ({ readonly op: "move"; readonly node: string } & Move)
  | ({ readonly op: "link"; readonly node: string } & Link)
  | ({ readonly op: "unlink"; readonly node: string } & Unlink)
  | ({ readonly op: "updateLink"; readonly node: string } & UpdateLink)

/** Tests of one property. */
export type Where = Readonly<Record<string, Json>>
export type Order = ReadonlyArray<readonly [string, "asc" | "desc"]>

interface Listing {
  readonly class?: string
  readonly where?: Where
}

/** A part of a query: what of the nodes is wanted. */
interface QueryStep extends Listing {
  readonly edge?: string
  readonly dir?: Direction
  readonly depth?: number
}

interface QueryStart extends Listing {
  readonly nodes?: ReadonlyArray<string>
  readonly under?: string
  readonly search?: string
}

/** Every call that the model answers. `node` is what it is called on. */
export type Request =
  | Change
  | { readonly op: "mutate"; readonly ops: ReadonlyArray<Change> }
  | { readonly op: "restore"; readonly node: string; readonly path?: string; readonly seq?: number }
  | { readonly op: "grantPerm" | "revokePerm"; readonly node: string; readonly on: string; readonly perms: number }
  | { readonly op: "addMember" | "removeMember"; readonly node: string; readonly member: string }
  | { readonly op: "get"; readonly node: string; readonly props?: ReadonlyArray<string> }
  | { readonly op: "whoami" }
  | ({ readonly op: "listChildren"; readonly node: string; readonly order?: Order } & Listing)
  | ({ readonly op: "countChildren"; readonly node: string } & Listing)
  | { readonly op: "getTree"; readonly node: string; readonly depth: number }
  | ({ readonly op: "getLink"; readonly node: string } & ToEdge)
  | { readonly op: "getLinks"; readonly node: string; readonly edgeClass?: string; readonly direction: Direction }
  | ({
      readonly op: "countLinks"
      readonly node: string
      readonly edgeClass?: string
      readonly direction: Direction
    } & Listing)
  | { readonly op: "query"; readonly start: QueryStart; readonly steps?: ReadonlyArray<QueryStep> }
  | { readonly op: "listTrash" }
  | { readonly op: "history"; readonly node: string }
  | { readonly op: "listPerms" | "listMembers"; readonly node: string }
  | {
      readonly op: "checkPerm" | "explainPerm"
      readonly identity?: string
      readonly on: string
      readonly perms: number
    }
  | {
      readonly op: "listAccessible"
      readonly identity?: string
      readonly perms: number
      readonly under: string
      readonly class?: string
    }
  | { readonly op: "listHolders"; readonly node: string; readonly perms: number }

export type OpName = Request["op"]
type Having<R, Op> = R extends { readonly op: infer Ops } ? (Op extends Ops ? R : never) : never
export type RequestOf<Op extends OpName> = Having<Request, Op>

const statics: ReadonlyMap<string, string> = new Map([
  ["createNode", K.Node.createNode.path],
  ["mutate", K.Node.mutate.path],
  ["query", K.Node.query.path],
  ["listTrash", K.Node.listTrash.path],
  ["whoami", K.Identity.whoami.path],
  ["checkPerm", K.Identity.checkPerm.path],
  ["explainPerm", K.Identity.explainPerm.path],
  ["listAccessible", K.Identity.listAccessible.path]
])

const listings: ReadonlySet<string> = new Set([
  "listChildren",
  "getLinks",
  "listTrash",
  "listPerms",
  "listMembers",
  "listAccessible",
  "listHolders",
  "history"
])

/** Whether the answer comes in pages. */
export const isListing = (op: OpName): boolean => listings.has(op)

/** The call that a request stands for. */
export const callOf = (request: Request): CallRequest => {
  const { op, ...rest } = request
  const { node, on, ...params } = { node: undefined, on: undefined, ...rest }
  if (request.op === "query") {
    // Everything at once, and counted.
    const start = {
      ...request.start,
      count: true,
      ...(request.start.nodes === undefined ? { page: { limit: 1000 } } : {})
    }
    return { path: K.Node.query.path, params: { start, steps: request.steps ?? [] } }
  }
  const path = statics.get(op) ?? `${node}::${op}`
  return { path, params: on === undefined ? params : { ...params, node: on } }
}
