/** What a browser says about where a request comes from. */
export interface Provenance {
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Origins whose pages may use the session. */
export interface OwnOrigins {
  /** Of the instance's public URL. */
  readonly publicOrigin: string
  /** Of other sites that are let in with cookies: exact, as in `https://app.example.com`. */
  readonly allowed: ReadonlySet<string>
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"])

/** Whether a request may change something, or, as a socket, go on to. */
export const isUnsafe = ({ headers, method }: Provenance): boolean => !safe.has(method) || headers.upgrade !== undefined

/**
 * Whether a request with a session's cookie was made by somebody else's page. What a page cannot forge is asked first:
 * `Origin`, which every request that is not a plain navigation has, and `Sec-Fetch-Site` (Fetch Metadata). A sandboxed
 * page has the origin `null`, which is nobody's.
 */
export const isCrossSite = (request: Provenance, own: OwnOrigins): boolean => {
  const { host, origin } = request.headers
  const site = request.headers["sec-fetch-site"]
  if (origin !== undefined) {
    const ours = origin === own.publicOrigin || origin === `http://${host}` || origin === `https://${host}`
    return !ours && !own.allowed.has(origin)
  }
  if (site === undefined || site === "same-origin" || site === "none") return false
  // Following a link from elsewhere is how one comes to a page at all.
  return isUnsafe(request) || request.headers["sec-fetch-mode"] !== "navigate"
}
