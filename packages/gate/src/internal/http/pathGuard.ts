import { internalPrefix } from "../../Route.ts"

// What different readers of one path would read differently: doubled and encoded separators, `\`, path parameters,
// dot segments in either spelling, percent signs that encode nothing, and bytes that no URL holds.
const ambiguous = /\/\/|[\\;#]|%(?:2f|5c|3b|00)|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|%(?![0-9a-f]{2})|[^\x21-\x7e]/i

/**
 * Whether every reader of `path` (no query) takes it for the same segments. The router, the handlers and a proxy in
 * front of us must not disagree on what is asked for.
 */
export const isPlain = (path: string): boolean => {
  if (path.charCodeAt(0) !== 47 || ambiguous.test(path)) return false
  if (!path.includes("%")) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

const decodeOnce = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/**
 * Whether some reader could take `path` for one below the internal prefix, however it is spelled. Used where internal
 * routes have a listener of their own, so that the public one says the same of all spellings.
 */
export const couldBeInternal = (path: string): boolean => {
  let text = path
  for (let round = 0; round < 3 && text.includes("%"); round++) text = decodeOnce(text)
  const segments: Array<string> = []
  for (const segment of text.toLowerCase().split(/[/\\]+/)) {
    const name = segment.split(";")[0] ?? ""
    if (name === "" || name === ".") continue
    if (name === "..") segments.pop()
    else segments.push(name)
  }
  return `/${segments.join("/")}/`.startsWith(`${internalPrefix}/`)
}
