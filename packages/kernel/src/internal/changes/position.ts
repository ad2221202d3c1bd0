import type { Change } from "./Change.ts"

/** Where a watcher is: the last change that it was told of. */
export interface ChangePosition {
  readonly seq: number
  readonly part: number
}

/** Commit and part as text. Items of other streams have no position. */
export const positionOf = (item: unknown): string | undefined => {
  if (typeof item !== "object" || item === null || !("seq" in item) || !("part" in item)) return undefined
  return `${item.seq}.${item.part}`
}

/** A number of a commit, or of a change in it. */
export const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

/** What {@link positionOf} wrote; `undefined` for anything else. */
export const parsePosition = (text: string): ChangePosition | undefined => {
  const [seq, part, ...rest] = text.split(".").map(wholeNumber)
  return seq === undefined || part === undefined || rest.length > 0 ? undefined : { seq, part }
}

/**
 * The commit after which the kernel is asked for changes, so that nothing after `position` is missed: a connection may
 * have been lost in the middle of a commit, which is then read again, without what was told of it (see {@link isAfter}).
 */
export const sinceOf = ({ seq }: ChangePosition): number => seq - 1

/** Whether a change comes after a position. */
export const isAfter = (item: unknown, position: ChangePosition): boolean => {
  // Boundary: an item of the kernel's own stream of changes.
  const { part, seq } = item as Pick<Change, "seq" | "part">
  return seq > position.seq || (seq === position.seq && part > position.part)
}
