/**
 * Permission masks: four bits that imply nothing about one another.
 * READ = 1 see, EDIT = 2 change, USE = 4 invoke or instantiate, SHARE = 8 manage grants.
 */
export const READ = 1
export const EDIT = 2
export const USE = 4
export const SHARE = 8
/** Every bit. */
export const ALL = 15

export type PermName = "READ" | "EDIT" | "USE" | "SHARE"

/** What a `perms` param takes: a mask of 0 to 15, or names. */
export type MaskInput = number | ReadonlyArray<PermName>

/** The names of the bits, lowest bit first. */
export const permNames: ReadonlyArray<PermName> = ["READ", "EDIT", "USE", "SHARE"]

const bitOf = (name: unknown): number => {
  switch (name) {
    case "READ":
      return READ
    case "EDIT":
      return EDIT
    case "USE":
      return USE
    case "SHARE":
      return SHARE
    default:
      return 0
  }
}

/** True for a whole number from 0 to 15. */
export const isMask = (u: unknown): u is number => typeof u === "number" && Number.isInteger(u) && u >= 0 && u <= ALL

/**
 * The mask that an outside value means, or undefined when it means none: a whole number from 0 to 15,
 * or an array of names. -1, 2^31, 2^53 + 1, "3" and unknown names are refused, never cut down.
 *
 * @example
 * ```ts
 * import { Mask } from "@portico/schema"
 *
 * console.log(Mask.fromInput(["READ", "EDIT"]), Mask.fromInput("3")) // 3 undefined
 * ```
 */
export const fromInput = (input: unknown): number | undefined => {
  if (typeof input === "number") return isMask(input) ? input | 0 : undefined
  if (!Array.isArray(input) || input.length > 64) return undefined
  let mask = 0
  for (const name of input) {
    const bit = bitOf(name)
    if (bit === 0) return undefined
    mask |= bit
  }
  return mask
}

/** The names of the bits of a mask: `names(3)` is `["READ", "EDIT"]`. */
export const names = (mask: number): ReadonlyArray<PermName> => permNames.filter((name) => (mask & bitOf(name)) !== 0)

/** True when `mask` has every bit of `needed`. */
export const has = (mask: number, needed: number): boolean => (mask & needed) === needed

/** The bits of `needed` that `mask` lacks. */
export const missing = (mask: number, needed: number): number => needed & ~mask

/** Every bit of any of the masks. */
export const union = (...masks: ReadonlyArray<number>): number => masks.reduce((all, mask) => all | mask, 0)

/** The bits that all the masks have. */
export const intersect = (...masks: ReadonlyArray<number>): number => masks.reduce((all, mask) => all & mask, ALL)

/** `READ, EDIT`, or `nothing` for an empty mask. For sentences. */
export const format = (mask: number): string => (mask === 0 ? "nothing" : names(mask).join(", "))
