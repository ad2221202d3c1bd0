import { step } from "@portico/gate/database"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { edgeChecksOf, examineEdges } from "./examineEdges.ts"
import { examineProps } from "./examineNodes.ts"
import { examineRequired } from "./examineRequired.ts"
import { Findings } from "./Findings.ts"
import { reshapesOf, type Versions } from "./reshape.ts"

/** What is stored and would not fit the new version, among the first `most` nodes or edges of each class. Writes nothing. */
export function* examine(graph: Graph, versions: Versions, most: number): Parts<Findings> {
  const findings = new Findings()
  for (const reshape of reshapesOf(versions)) {
    const type = yield* step(() => graph.schema.type(graph, reshape.was))
    if (type !== undefined) yield* examineProps(graph, reshape, type.key, most, findings)
  }
  for (const check of edgeChecksOf(versions)) yield* examineEdges(graph, versions, check, most, findings)
  yield* examineRequired(graph, versions, most, findings)
  return findings
}
