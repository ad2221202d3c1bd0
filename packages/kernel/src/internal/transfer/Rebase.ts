import type { GraphRow } from "./Row.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Where the addresses of a file lead. With `under`, what a file calls `/a/b` is below that node; of an export of one
 * node, that node itself goes there. Addresses that lead out of what was exported are left as they are.
 */
export class Rebase {
  /** Path of the node that all is put below, without a slash at its end. */
  readonly #under: string | undefined
  /** Path of what was exported, likewise. */
  readonly #exported: string
  /** Characters before the slug of what was exported. */
  readonly #above: number

  /** `exported` is what the file says that it is an export of; `/` for one that says nothing. */
  constructor(under: string | undefined, exported: string) {
    this.#under = under === "/" ? "" : under
    this.#exported = exported === "/" ? "" : exported
    this.#above = Math.max(this.#exported.lastIndexOf("/"), 0)
  }

  /** The row with its addresses as they are here. */
  of(row: GraphRow): GraphRow {
    if (row._tag === "Edge") return { ...row, source: this.#address(row.source), target: this.#address(row.target) }
    const { links, path } = row
    const parent = this.#parentOf(row)
    return {
      ...row,
      ...(path === undefined ? undefined : { path: this.#address(path) }),
      ...(parent === undefined ? undefined : { parent }),
      ...(links === undefined
        ? undefined
        : { links: links.map((link) => ({ ...link, target: this.#address(link.target) })) })
    }
  }

  /** A row that says only its slug, or nothing, is right below `under`. */
  #parentOf({ parent, path }: GraphRow & { readonly _tag: "Node" }): string | undefined {
    if (parent !== undefined) return this.#address(parent)
    return path === undefined && this.#under !== undefined ? this.#under || "/" : undefined
  }

  #address(text: string): string {
    if (text.startsWith("@") || text.startsWith("/:")) return text
    // What getLinks answers are ids.
    if (uuid.test(text)) return `@${text}`
    const under = this.#under ?? ""
    if (!text.startsWith("/")) return `${under}/${text}`
    if (this.#under === undefined) return text
    if (text === "/") return under || "/"
    const isInside = text === this.#exported || text.startsWith(`${this.#exported}/`)
    return isInside ? `${under}${text.slice(this.#above)}` : text
  }
}
