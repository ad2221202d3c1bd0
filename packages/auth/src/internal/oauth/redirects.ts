/** Schemes that a browser gives a meaning of its own: none of them leads to somebody's app. */
const meant: ReadonlySet<string> = new Set([
  "about:",
  "blob:",
  "data:",
  "file:",
  "filesystem:",
  "ftp:",
  "javascript:",
  "mailto:",
  "tel:",
  "vbscript:",
  "view-source:",
  "ws:",
  "wss:"
])

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"])

const parsed = (uri: string): URL | undefined => {
  try {
    return new URL(uri)
  } catch {
    return undefined
  }
}

const isLoopback = (url: URL): boolean => url.protocol === "http:" && loopback.has(url.hostname)

/**
 * Whether a redirect URI may be registered: https, http on loopback, or a scheme of an app's own (RFC 8252, section 7).
 * No fragment (RFC 6749, section 3.1.2), no credentials, no wildcard.
 */
export const mayRegister = (uri: string): boolean => {
  const url = parsed(uri)
  if (url === undefined || uri.length > 2_000 || uri.includes("#") || /[\s*\\]/.test(uri)) return false
  if (url.username !== "" || url.password !== "" || meant.has(url.protocol)) return false
  return url.protocol === "http:" ? isLoopback(url) : url.protocol !== "https:" || url.hostname !== ""
}

/**
 * Whether `asked` is `registered`, letter by letter (RFC 9700, section 2.1). Only on loopback the port may be another one,
 * as an app takes one that is free (RFC 8252, section 7.3).
 */
export const isSameRedirect = (registered: string, asked: string): boolean => {
  if (registered === asked) return true
  const [known, url] = [parsed(registered), parsed(asked)]
  if (known === undefined || url === undefined || !isLoopback(known) || !mayRegister(asked)) return false
  // Compared as text again: what the parser makes alike is not alike for the app.
  const portless = (uri: string) => uri.replace(/^(http:\/\/(?:\[::1\]|[^/:?#]+))(?::\d{1,5})?(?=[/?]|$)/, "$1")
  return portless(registered) === portless(asked)
}

/** What a page's `form-action` has to allow, so that a browser follows the redirect. */
export const formTargetOf = (uri: string): string | undefined => {
  const url = parsed(uri)
  if (url === undefined) return undefined
  return url.origin === "null" ? url.protocol : url.origin
}
