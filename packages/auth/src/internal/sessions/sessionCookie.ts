import { randomName, randomSecret, sha256 } from "../secrets.ts"

/** How the cookie is called, and whether it may be sent without TLS. */
export interface CookieRules {
  readonly name: string
  readonly secure: boolean
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|[^.]+\.localhost)$/i

/** Without TLS only where nobody is in between. The prefix keeps other hosts and paths from setting it (RFC 6265bis). */
export const cookieRules = (publicUrl: string): CookieRules => {
  const { hostname, protocol } = new URL(publicUrl)
  const secure = protocol === "https:" || !loopback.test(hostname)
  return { name: secure ? "__Host-portico_session" : "portico_session", secure }
}

/** `Set-Cookie` with the session, or without one to end it. `maxAge` is in seconds. */
export const setCookie = ({ name, secure }: CookieRules, value: string, maxAge: number): string =>
  `${name}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAge))}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`

/** `Set-Cookie` that takes the session out of the browser. */
export const clearCookie = (rules: CookieRules): string => setCookie(rules, "", 0)

/** The session in a `Cookie` header. Of several ones of this name the first counts. */
export const readCookie = (header: string | undefined, { name }: CookieRules): string | undefined => {
  if (header === undefined) return undefined
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=")
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

const format = /^([0-9a-f]{20})\.[A-Za-z0-9_-]{43}$/

/** A new value and the part of it that is not secret. */
export const makeSessionValue = (): { readonly id: string; readonly value: string } => {
  const id = randomName()
  return { id, value: `${id}.${randomSecret()}` }
}

/** The id of what has the form of a session's value. */
export const sessionId = (value: string): string | undefined => format.exec(value)?.[1]

/** What a page of ours sends along to change something: only who has seen the session's own pages knows it. */
export const csrfToken = (value: string): string => sha256(`csrf ${value}`).toString("base64url")
