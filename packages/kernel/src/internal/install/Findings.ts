import type { StoredViolation } from "../../SchemaInstaller.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { pathOf } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"

/** Nodes that are named for each thing that is found. */
const named = 5

interface Finding {
  readonly subject: string
  readonly reason: string
  readonly nodes: Set<string>
  readonly examples: Array<StoredViolation["examples"][number]>
  count: number
}

/** A node or edge in the trash that has to be looked at again before it comes back. */
export interface Aside {
  readonly kind: "props" | "edge"
  readonly key: number
}

/** What stored nodes and edges do not fit, counted by what and why. What is in the trash is in nobody's way yet. */
export class Findings {
  readonly #found = new Map<string, Finding>()
  readonly aside: Array<Aside> = []

  add(graph: Graph, node: NodeRecord | undefined, subject: string, reason: string): void {
    if (node === undefined) return
    if (!isInTree(graph, node)) {
      this.aside.push({ kind: "props", key: node.key })
      return
    }
    const key = `${subject} ${reason}`
    const finding = this.#found.get(key) ?? { subject, reason, nodes: new Set(), examples: [], count: 0 }
    this.#found.set(key, finding)
    finding.count++
    if (finding.examples.length === named || finding.nodes.has(node.id)) return
    finding.nodes.add(node.id)
    finding.examples.push({ id: node.id, path: pathOf(graph, node) })
  }

  get all(): ReadonlyArray<StoredViolation> {
    return [...this.#found.values()].map(({ count, examples, reason, subject }) => ({
      subject,
      reason,
      count,
      examples: [...examples]
    }))
  }

  /** Adds what was found elsewhere: a step that may be run again starts with findings of its own. */
  merge(others: Findings): void {
    this.aside.push(...others.aside)
    for (const [key, theirs] of others.#found) {
      const ours = this.#found.get(key)
      if (ours === undefined) {
        this.#found.set(key, theirs)
        continue
      }
      ours.count += theirs.count
      for (const example of theirs.examples) {
        if (ours.examples.length === named || ours.nodes.has(example.id)) continue
        ours.nodes.add(example.id)
        ours.examples.push(example)
      }
    }
  }
}
