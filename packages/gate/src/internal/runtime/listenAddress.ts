import type { ListenAddress } from "../../HttpTransport.ts"

/** `localhost:4000`, `[::1]:4000`, `unix:/run/x.sock`. */
export const showAddress = (address: ListenAddress): string =>
  address._tag === "Unix" ? `unix:${address.path}` : `${bracketed(address.host)}:${address.port}`

const bracketed = (host: string): string => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host)

/** Reads `4001`, `host:4001`, `[::1]:4001`, `unix:/path` or `/path`; `undefined` if it is none of them. */
export const parseListen = (text: string): ListenAddress | undefined => {
  if (text.startsWith("unix:")) return { _tag: "Unix", path: text.slice("unix:".length) }
  if (text.startsWith("/")) return { _tag: "Unix", path: text }
  const found = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]]+):)?(?<port>\d{1,5})$/.exec(text)
  const port = Number(found?.groups?.port)
  if (!(port <= 65_535)) return undefined
  const host = found?.groups?.host?.replace(/^\[|\]$/g, "") ?? "localhost"
  return { _tag: "Tcp", host, port }
}
