const backup = "Restore a backup that was made before this, or ask for help with a copy of the file."
const derived = "Nothing is lost: it follows from the nodes. Stop the instance and say portico kernel check --rebuild."
const repair = "Change or delete it; history says who made it."

/**
 * Everything that holds for every store, each with what to do where it does not. What no operation can bring about says
 * that the file was damaged or changed by another program; what an accepted breaking install leaves behind can be mended
 * by the operations themselves.
 */
export const checks = {
  "meta.seq": backup,
  "meta.root": backup,
  "meta.builtIn": backup,
  "tree.cycle": backup,
  "tree.orphan": backup,
  "tree.depth": "Move it up: it has no path that can be called. By its id it can be.",
  "tree.container": repair,
  "tree.slug": "Move it to another slug.",
  "tree.skeleton": backup,
  "tree.lookAlike": "Move one of the two to another slug.",
  "tree.holds": derived,
  "node.id": backup,
  "node.class": "Install the domain of its class again, or delete it.",
  "node.rev": backup,
  "node.props": "Update it, so that it fits its class.",
  "edge.ends": backup,
  "edge.class": "Install the domain of its class again, or unlink it.",
  "edge.types": "Unlink it.",
  "edge.mask": backup,
  "edge.self": "Unlink it.",
  "edge.twin": "Unlink one of the two.",
  "edge.direction": backup,
  "edge.cycle": "Unlink one of its edges.",
  "edge.cardinality": "Unlink some, or link what is missing.",
  "edge.props": "Update it by updateLink, so that it fits its class.",
  "edge.rev": backup,
  "grant.mark": derived,
  "unique.missing": derived,
  "unique.twin": "Give one of the two another value.",
  "unique.stray": derived,
  "index.list": derived,
  "index.row": derived,
  "index.count": derived,
  "words.differ": derived,
  "schema.domain": "Install the domain again.",
  "schema.nodes": "Install the domain again.",
  "schema.edges": "Install the domain again.",
  "changes.order": backup,
  "changes.row": backup,
  "trash.row": backup,
  "trash.claim": backup,
  "folder.owner": "Install the domain again."
} as const

export type CheckName = keyof typeof checks

/** Something that does not hold. */
export interface Violation {
  readonly check: CheckName
  /** What it is about: `@<id>` of a node, `edge 12`, `change 40`, an origin. */
  readonly subject: string
  readonly message: string
  /** What to do. */
  readonly remedy: string
}

export const violation = (check: CheckName, subject: string, message: string): Violation => ({
  check,
  subject,
  message,
  remedy: checks[check]
})
