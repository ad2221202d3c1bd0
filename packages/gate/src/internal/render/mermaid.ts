import type { PlanDocument } from "../../Plan.ts"

/** The module graph as a Mermaid flow chart: an arrow leads from a module to what it needs; dotted ones can be missed. */
export const renderMermaid = (plan: PlanDocument): string => {
  const node = new Map(plan.modules.map(({ id }, i) => [id, `m${i}`]))
  const subgraphs = plan.waves.flatMap((ids, wave) => [
    `  subgraph wave${wave + 1}["wave ${wave + 1}"]`,
    ...ids.map((id) => `    ${node.get(id)}["${quoted(id)}"]`),
    "  end"
  ])
  const arrows = plan.modules.flatMap(({ dependsOn, id }) =>
    dependsOn.map(({ module, optional, services }) => {
      const label = services.length === 0 ? "after" : services.map(lastPart).join(", ")
      const arrow = optional || services.length === 0 ? "-.->" : "-->"
      return `  ${node.get(id)} ${arrow}|"${quoted(label)}"| ${node.get(module)}`
    })
  )
  return ["flowchart LR", ...subgraphs, ...arrows].join("\n")
}

const lastPart = (key: string): string => key.slice(key.lastIndexOf("/") + 1)

/** Mermaid reads `#name;` as a character inside quotes. */
const quoted = (text: string): string => text.replaceAll("#", "#35;").replaceAll('"', "#quot;")
