import { createHash } from "node:crypto"
import type { NodeView } from "../../Kernel.ts"

const tags = new WeakMap<object, string>()

/**
 * The entity tag of a node's answer: its rev, and a hash of its path, because a move of an ancestor changes what is
 * answered and not the node's rev.
 */
export const etagOf = (result: unknown): string => {
  // Boundary: what `get` answers without a projection.
  const node = result as NodeView
  const known = tags.get(node)
  if (known !== undefined) return known
  const path = createHash("sha256").update(node.path).digest("base64url").slice(0, 11)
  const tag = `"${node.rev}-${path}"`
  tags.set(node, tag)
  return tag
}

/** Whether an `If-None-Match` names a tag (RFC 9110, section 13.1.2; weak comparison). */
export const matches = (header: string | undefined, etag: string): boolean => {
  if (header === undefined) return false
  if (header === etag || header.trim() === "*") return true
  return header.split(",").some((each) => each.trim().replace(/^W\//, "") === etag)
}
