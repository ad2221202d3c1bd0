/** Says whether a `Host` header names this server. */
export type HostCheck = (host: string) => boolean

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

const nameOf = (host: string): string => host.replace(/:\d{1,5}$/, "")

/** Answers that are kept, so that a flood of invented names cannot grow the memory. */
const remembered = 256

const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/

/** What requests may ask for. */
export interface HostRules {
  readonly publicUrl: string | undefined
  /** Names (any port) or `name:port`. */
  readonly allowedHosts: ReadonlyArray<string>
  /** What the server was told to listen on. */
  readonly listenHost: string
}

/**
 * Allows loopback names at any port, the host of `publicUrl`, and `allowedHosts`. Without a public URL, a server that
 * listens beyond loopback also answers to plain addresses, which no name can be made to resolve to. A page on another host that resolves to us (DNS rebinding) is thus told apart, by RFC 9110, section 15.5.20.
 */
export const makeHostCheck = ({ allowedHosts, listenHost, publicUrl }: HostRules): HostCheck => {
  const exact = new Set(allowedHosts.map((host) => host.toLowerCase()))
  if (publicUrl !== undefined) {
    const url = new URL(publicUrl)
    exact.add(url.host)
    exact.add(`${url.hostname}:${url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port}`)
  }
  const anyAddress = publicUrl === undefined && !loopback.test(listenHost)
  const known = new Map<string, boolean>()
  return (host) => {
    const before = known.get(host)
    if (before !== undefined) return before
    const lower = host.toLowerCase()
    const name = nameOf(lower)
    const listed = loopback.test(name) || exact.has(lower) || exact.has(name)
    const allowed = listed || (anyAddress && address.test(name))
    if (known.size < remembered) known.set(host, allowed)
    return allowed
  }
}
