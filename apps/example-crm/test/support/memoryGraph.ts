import { FakeKernel } from "@portico/domain/testing"
import { PorticoError } from "@portico/schema"
import type { Graph } from "../../src/core/Graph.ts"

const createNode = "/:kernel.portico.dev:interface.Node:createNode"

interface CreateParams {
  readonly class: string
  readonly path: string
  readonly props: Readonly<Record<string, unknown>>
  readonly onConflict?: "fail" | "merge" | "skip"
}

/** A fake kernel that keeps what is created, by path. Enough of one for the logic that makes nodes. */
export interface MemoryGraph {
  readonly kernel: Graph
  readonly nodes: ReadonlyMap<string, { readonly class: string; readonly props: Readonly<Record<string, unknown>> }>
  /** How often something was written. */
  readonly writes: () => number
}

export const memoryGraph = (known: ReadonlyArray<string> = []): MemoryGraph => {
  const nodes = new Map<string, { class: string; props: Readonly<Record<string, unknown>> }>()
  let writes = 0
  const create = ({ class: of, onConflict, path, props }: CreateParams) => {
    const existing = nodes.get(path)
    if (existing !== undefined && (onConflict ?? "fail") === "fail") {
      return PorticoError.make("PATH_CONFLICT", `${path} exists`)
    }
    if (existing === undefined || onConflict === "merge") {
      nodes.set(path, { class: of, props: { ...existing?.props, ...props } })
      writes += 1
    }
    return { id: `id-of-${path}`, path, rev: writes, created: existing === undefined }
  }
  const fake = FakeKernel.record().answer(createNode, ({ params }: { readonly params: CreateParams }) => create(params))
  for (const path of known) {
    fake.answer(`${path}::get`, () => {
      const node = nodes.get(path)
      return node === undefined
        ? PorticoError.make("NOT_FOUND", `${path} does not exist`)
        : { id: `id-of-${path}`, path, slug: "", rev: 1, createdAt: 0, updatedAt: 0, ...node }
    })
  }
  return { kernel: fake.kernel, nodes, writes: () => writes }
}
