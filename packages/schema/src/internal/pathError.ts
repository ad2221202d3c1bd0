import { PorticoError } from "../Errors.ts"
import { maxPathDepth, pathTooDeep } from "./parseAddress.ts"
import { maxSlugBytes, slugTooLong } from "./slugSyntax.ts"

/** Text that is no address or slug: for its form, or for a limit that it would exceed. */
export type PathError = PorticoError<"INVALID_PATH"> | PorticoError<"LIMIT_EXCEEDED">

const limits: Readonly<Record<string, { readonly limit: string; readonly max: number }>> = {
  [pathTooDeep]: { limit: "depth", max: maxPathDepth },
  [slugTooLong]: { limit: "slug", max: maxSlugBytes }
}

/** The error of a problem with some text, of which `named` are a part that is short enough to be repeated. */
export const pathError = (text: string, problem: string, named: Readonly<Record<string, string>>): PathError => {
  const message = `${JSON.stringify(text)}: ${problem}`
  const limit = limits[problem]
  return limit === undefined
    ? PorticoError.make("INVALID_PATH", message, named)
    : PorticoError.make("LIMIT_EXCEEDED", message, { ...named, ...limit })
}
