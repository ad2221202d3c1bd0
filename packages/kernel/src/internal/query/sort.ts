import { compareText } from "./codePoints.ts"

/** Where something stands in an order: one part per field that is ordered by, and last a number that is its own. */
export type SortKey = ReadonlyArray<string | number>

const comparePart = (a: string | number, b: string | number): number =>
  typeof a === "number" && typeof b === "number" ? a - b : compareText(String(a), String(b))

/** Compares by the parts in turn, each in its direction; the last of them is in that of the one before it. */
export const compareBy =
  (descending: ReadonlyArray<boolean>) =>
  (a: SortKey, b: SortKey): number => {
    for (let i = 0; i < a.length; i++) {
      const found = comparePart(a[i] ?? "", b[i] ?? "")
      if (found !== 0) return (descending[i] ?? descending[descending.length - 1] ?? false) ? -found : found
    }
    return 0
  }
