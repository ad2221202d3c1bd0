import type { NodePage } from "./GraphClient.ts"

/** Which page: none for the first. */
export interface PageAt {
  readonly cursor?: string | undefined
}

/**
 * The nodes of all pages, each fetched when it is needed.
 *
 * @example
 * ```ts
 * import { eachNode, type GraphClient } from "@portico/client"
 *
 * const printAll = async (kernel: GraphClient): Promise<void> => {
 *   for await (const node of eachNode((page) => kernel.listChildren("/contacts", page))) console.log(node.path)
 * }
 * ```
 */
export async function* eachNode<N>(fetch: (page: PageAt) => Promise<NodePage<N>>): AsyncGenerator<N, void> {
  let cursor: string | undefined
  do {
    const page: NodePage<N> = await fetch({ cursor })
    yield* page.nodes
    cursor = page.next
  } while (cursor !== undefined)
}
