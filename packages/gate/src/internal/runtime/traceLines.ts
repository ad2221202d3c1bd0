import type { StartTrace } from "../../StartTrace.ts"

const millisOf = (millis: number): string => `${Math.round(millis * 10) / 10} ms`

/** A start in lines: the critical path, then each module with its phases. */
export const traceLines = ({ criticalPath, millis, modules }: StartTrace): string => {
  const path = criticalPath.map((step) => `${step.module} (${millisOf(step.millis)})`).join(" -> ")
  return [
    `the modules were up after ${millisOf(millis)}${path === "" ? "" : `; critical path: ${path}`}`,
    ...modules.map(({ end, module, outcome, phases, start, waitedFor }) => {
      const parts = phases
        .filter((phase) => phase.end > phase.start)
        .map((phase) =>
          phase.name === "waiting"
            ? `waiting for ${waitedFor.join(", ")} ${millisOf(phase.end - phase.start)}`
            : `${phase.name} ${millisOf(phase.end - phase.start)}`
        )
      return `  ${module} ${outcome} after ${millisOf(end - start)}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`
    })
  ].join("\n")
}
