import type { Change } from "../../src/internal/changes/Change.ts"

interface Copied {
  readonly id: string
  path: string
  readonly class: string
  props: Readonly<Record<string, unknown>>
}

/** A copy of the graph that is made of changes and of nothing else. */
export class Replay {
  /** By id; what is in the trash is apart, by the id of its top. */
  readonly nodes = new Map<string, Copied>()
  readonly edges = new Map<string, unknown>()
  readonly #trash = new Map<string, ReadonlyArray<Copied>>()

  apply(change: Change): void {
    if (change.edge !== undefined) this.#edge(change)
    if (change.node !== undefined) this.#node(change, change.node)
  }

  #edge({ edge, op }: Change): void {
    if (edge === undefined) return
    const key = `${edge.class} ${edge.source} ${edge.target} ${edge.slug ?? ""}`
    const mask = Object.values(edge.props)[0]
    if (op === "unlink" || op === "removeMember" || (op === "revoke" && mask === 0)) this.edges.delete(key)
    else this.edges.set(key, edge.props)
  }

  #node({ op }: Change, node: NonNullable<Change["node"]>): void {
    const { id, path } = node
    if (op === "create") this.nodes.set(id, { id, path, class: node.class, props: node.props ?? {} })
    const known = this.nodes.get(id)
    if (op === "update" && known !== undefined) known.props = node.props ?? {}
    if (op === "move" || (op === "restore" && known !== undefined)) this.#rename(this.#below(id), id, path)
    else if (op === "restore") {
      const back = this.#trash.get(id) ?? []
      for (const each of back) this.nodes.set(each.id, each)
      this.#rename(back, id, path)
    }
    const now = this.nodes.get(id)
    if (op === "restore" && now !== undefined) now.props = node.props ?? {}
    if (op === "delete") {
      const gone = this.#below(id)
      this.#trash.set(id, gone)
      for (const each of gone) this.nodes.delete(each.id)
    }
  }

  #below(id: string): ReadonlyArray<Copied> {
    const top = this.nodes.get(id)?.path ?? "?"
    return [...this.nodes.values()].filter(({ path }) => path === top || path.startsWith(`${top}/`))
  }

  #rename(nodes: ReadonlyArray<Copied>, id: string, path: string): void {
    const before = nodes.find((node) => node.id === id)?.path ?? ""
    for (const node of nodes) node.path = path + node.path.slice(before.length)
  }

  /** Paths, classes and props by id, and the edges between nodes that are there. */
  get state() {
    const isThere = (key: string) =>
      key
        .split(" ")
        .slice(1, 3)
        .every((id) => this.nodes.has(id))
    return {
      nodes: [...this.nodes.values()]
        .map(({ id, path, class: ref, props }) => ({ id, path, class: ref, props }))
        .sort(byId),
      edges: [...this.edges].filter(([key]) => isThere(key)).sort(byKey)
    }
  }
}

export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)
export const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1)
