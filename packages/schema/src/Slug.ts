/** Slugs: the names in the tree. */
import * as Result from "effect/Result"
import { encodeExternalId } from "./internal/externalId.ts"
import { type PathError, pathError } from "./internal/pathError.ts"
import { skeletonOf } from "./internal/skeleton.ts"
import { isPlainSlug, maxSlugBytes, slugProblem } from "./internal/slugSyntax.ts"

export { maxSlugBytes }

/**
 * A slug: NFC, 1 to 128 bytes, letters of one script, digits, `.`, `_`, `-`, `~`; never `.` or `..`. Text that is
 * not in NFC is normalised, everything else that is not a slug is refused with `INVALID_PATH`, or `LIMIT_EXCEEDED`
 * where it is too long.
 */
export const parse = (input: string): Result.Result<string, PathError> => {
  if (typeof input === "string" && isPlainSlug(input)) return Result.succeed(input)
  // Normalising is linear, but not of something that cannot be a slug anyway: NFC shrinks text at most threefold.
  const slug = typeof input === "string" && input.length <= maxSlugBytes * 3 ? input.normalize("NFC") : String(input)
  const problem = slugProblem(slug)
  if (problem === undefined) return Result.succeed(slug)
  const excerpt = slug.slice(0, 64).toWellFormed()
  return Result.fail(pathError(excerpt, problem, { slug: excerpt }))
}

/** True for a slug as `parse` would return it. */
export const is = (u: unknown): u is string =>
  typeof u === "string" &&
  (isPlainSlug(u) || (u.length <= maxSlugBytes && u === u.normalize("NFC") && slugProblem(u) === undefined))

/**
 * A slug for any string, a different one for each: letters, digits, `.`, `_` and `-` stay, every other byte of its
 * UTF-8 becomes `~XX`. Where that is longer than a slug may be, `~~` and the SHA-256 of it.
 *
 * @example
 * ```ts
 * import { Slug } from "@portico/schema"
 *
 * console.log(Slug.from("ada@example.com")) // ada~40example.com
 * ```
 */
export const from = (externalId: string): string => encodeExternalId(externalId)

/**
 * What a slug looks like: two slugs with one skeleton cannot be told apart by eye. An ASCII slug is its own
 * skeleton, so two ASCII slugs are never confusable; siblings are unique by (parent, skeleton).
 * Source: UTS 39, with its table cut down to Latin, Greek, Cyrillic, Armenian and digits.
 */
export const skeleton = (slug: string): string => skeletonOf(slug)

/** True for two different slugs that look the same. */
export const confusable = (a: string, b: string): boolean => a !== b && skeletonOf(a) === skeletonOf(b)
