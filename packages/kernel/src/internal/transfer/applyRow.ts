import { isPathConflict, K, PorticoError } from "@portico/schema"
import * as Predicate from "effect/Predicate"
import type { CallRequest } from "../../Kernel.ts"
import { methodNode } from "../call/mutate.ts"
import type { Tx } from "../store/Graph.ts"
import type { EdgeRow, GraphRow, NodeRow } from "./Row.ts"

/** What is done with rows. */
export interface RowPolicy {
  readonly by: "path" | "id"
  readonly onConflict: "fail" | "merge" | "skip"
  /** Class of rows that name none. */
  readonly class: string | undefined
}

/** What a row came to. */
export interface Applied {
  readonly of: "nodes" | "edges"
  readonly how: "created" | "updated" | "skipped"
}

/** Makes one change of a transaction as a call of its own would, with all that such a call is checked for. */
export type ChangeOne = (request: CallRequest) => unknown

/** Makes of a row what it says. */
export const applyRow = (tx: Tx, row: GraphRow, policy: RowPolicy, change: ChangeOne): Applied => {
  if (row._tag === "Edge") return linkEdge(tx, row, policy, change)
  return policy.by === "id" ? updateNode(tx, row, change) : makeNode(tx, row, policy, change)
}

const required = (key: string): PorticoError =>
  PorticoError.make("INVALID_PARAMS", `${key}: is required`, {
    issues: [{ path: [key], code: "required", message: "is required" }]
  })

/** Whether what an operation answered was changed by this very transaction. */
const isNew = (tx: Tx, answer: unknown): boolean =>
  tx.changed && Predicate.hasProperty(answer, "rev") && answer.rev === tx.seq

const makeNode = (tx: Tx, row: NodeRow, policy: RowPolicy, change: ChangeOne): Applied => {
  const { class: of = policy.class, links, parent, path, props, slug } = row
  if (of === undefined) throw required("class")
  const params = {
    class: of,
    ...(path === undefined ? { parent, slug } : { path }),
    props,
    links,
    onConflict: policy.onConflict
  }
  const made = change({ path: K.Node.createNode.path, params: given(params) })
  if (Predicate.hasProperty(made, "created") && made.created === true) return { of: "nodes", how: "created" }
  return { of: "nodes", how: policy.onConflict === "merge" && isNew(tx, made) ? "updated" : "skipped" }
}

const updateNode = (tx: Tx, { id, props = {} }: NodeRow, change: ChangeOne): Applied => {
  if (id === undefined) throw required("id")
  const updated = change({ path: methodNode("update"), self: id.startsWith("@") ? id : `@${id}`, params: { props } })
  return { of: "nodes", how: isNew(tx, updated) ? "updated" : "skipped" }
}

const linkEdge = (tx: Tx, row: EdgeRow, { onConflict }: RowPolicy, change: ChangeOne): Applied => {
  const { class: edgeClass, props, slug, source, target } = row
  const link = (policy: "fail" | "merge") =>
    change({
      path: methodNode("link"),
      self: source,
      params: given({ edgeClass, target, slug, props, onConflict: policy })
    })
  try {
    link("fail")
    return { of: "edges", how: "created" }
  } catch (thrown) {
    // It is refused as there before anything is written.
    if (!isPathConflict(thrown) || onConflict === "fail") throw thrown
    if (onConflict === "skip") return { of: "edges", how: "skipped" }
  }
  return { of: "edges", how: isNew(tx, link("merge")) ? "updated" : "skipped" }
}

const given = (params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
