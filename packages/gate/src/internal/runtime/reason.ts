import * as Cause from "effect/Cause"

const longest = 200

const firstLine = (text: string): string => {
  const line = text.split("\n", 1)[0]?.trim() ?? ""
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

const hasMessage = (value: unknown): value is { readonly message: string; readonly _tag?: unknown } =>
  typeof value === "object" && value !== null && "message" in value && typeof value.message === "string"

/**
 * One line on why something failed, fit for everybody's eyes: a typed failure says it itself; what a defect says may be
 * anything, so it stays in the log.
 */
export const reasonOf = (cause: Cause.Cause<unknown>): string => {
  for (const reason of cause.reasons) {
    if (reason._tag !== "Fail") continue
    const { error } = reason
    if (hasMessage(error) && error.message !== "") return firstLine(error.message)
    if (typeof error === "string") return firstLine(error)
    if (typeof error === "object" && error !== null && "_tag" in error) return String(error._tag)
  }
  return Cause.hasInterruptsOnly(cause) ? "it was interrupted" : "it failed unexpectedly; the log says more"
}
