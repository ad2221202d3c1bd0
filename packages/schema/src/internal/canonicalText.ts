import canonicalize from "canonicalize"
import type { Json } from "../Json.ts"

/**
 * RFC 8785 canonical JSON. Throws for what has none: a lone surrogate in a string, NaN and the infinities.
 */
export const canonicalText = (json: Json): string => {
  const text = canonicalize(json)
  if (text === undefined) throw new TypeError("there is no canonical JSON of undefined")
  return text
}
