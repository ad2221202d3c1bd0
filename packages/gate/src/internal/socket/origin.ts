/** Whose pages may open a socket. */
export interface OriginRules {
  readonly publicUrl?: string | undefined
  /** As in `gate.corsOrigins`. */
  readonly corsOrigins: ReadonlyArray<string>
}

/**
 * What a page's origin is to us: our own (or no page at all), one that is listed, or one of any that are let in, but
 * without cookies. `undefined` for a foreign one. WebSockets know no CORS: a browser opens one to anywhere, with that
 * server's cookies, and leaves the judgement to the server (RFC 6455, section 10.2).
 */
export const originOf = (
  origin: string | undefined,
  host: string | undefined,
  rules: OriginRules
): "own" | "listed" | "any" | undefined => {
  if (origin === undefined) return "own"
  if (isOwn(origin, host, rules.publicUrl)) return "own"
  if (rules.corsOrigins.includes(origin)) return "listed"
  return rules.corsOrigins.includes("*") && origin !== "null" ? "any" : undefined
}

/** The host was checked to be ours; where people reach us by a public URL, its scheme must be right, too. */
const isOwn = (origin: string, host = "", publicUrl: string | undefined): boolean => {
  const url = publicUrl === undefined ? undefined : new URL(publicUrl)
  if (origin === url?.origin) return true
  const name = host.toLowerCase()
  if (url?.host === name) return false
  return name !== "" && (origin === `http://${name}` || origin === `https://${name}`)
}
