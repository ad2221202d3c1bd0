import { lookup as resolve } from "node:dns"
import { request as overHttp } from "node:http"
import { request as overTls } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { holds, isPrivateAddress, networksOf } from "./internal/node/privateNetworks.ts"

/** What is asked of requests to other machines. */
export interface EgressRules {
  /**
   * What may be called though it is private: host names (`sso.corp.example`, or `sso.corp.example:8443` for one port),
   * addresses, networks (`10.0.0.0/8`), or the word `loopback`. The setting `gate.egressAllowed`.
   */
  readonly allowed: ReadonlyArray<string>
  /** Milliseconds for a whole answer; 10,000 unless told. */
  readonly timeout?: number
  /** Bytes of an answer's body; 1 MiB unless told. */
  readonly longest?: number
}

/** Why a request was not made. */
export class EgressRefused extends Error {
  override readonly name = "EgressRefused"
}

type Headers = Readonly<Record<string, string>>

interface Outgoing {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Buffer
  readonly signal: AbortSignal
}

/**
 * A `fetch` for addresses that somebody else has chosen. It calls no address of this machine or of a private network,
 * whatever name leads there: the address that is checked is the one that is connected to, so that a name which resolves
 * differently the next time gains nothing. It follows no redirect, sends no cookies, waits for a whole answer no longer
 * than `timeout`, and reads no more than `longest` bytes. Refusals are an {@link EgressRefused}.
 *
 * @example
 * ```ts
 * import { egressFetch, EgressRefused } from "@portico/gate/egress"
 *
 * const fetch = egressFetch({ allowed: [] })
 * const refused = await fetch("http://0x7f.1:9/").catch((error: unknown) => error)
 * console.log(refused instanceof EgressRefused) // true
 * ```
 */
export const egressFetch = (rules: EgressRules): typeof globalThis.fetch => {
  const { longest = 1_048_576, timeout = 10_000 } = rules
  const isOpen = openTo(rules.allowed)
  return async (input, init) => {
    const asked = new Request(input, init)
    const url = new URL(asked.url)
    if (url.protocol !== "https:" && url.protocol !== "http:") throw new EgressRefused(`${url.protocol} is not called`)
    const answer = await send(
      {
        url,
        method: asked.method,
        headers: Object.fromEntries(asked.headers),
        body: Buffer.from(await asked.arrayBuffer()),
        signal: AbortSignal.any([asked.signal, AbortSignal.timeout(timeout)])
      },
      isOpen(url),
      longest
    )
    if (asked.redirect !== "manual" && answer.status >= 300 && answer.status < 400) {
      throw new EgressRefused(`${url.host} leads elsewhere, which is not followed`)
    }
    return answer
  }
}

/** Says for a URL which addresses it may lead to. */
const openTo = (allowed: ReadonlyArray<string>) => {
  const isAllowed = holds(allowed.flatMap((text) => networksOf(text) ?? []))
  const names = new Set(allowed.map((text) => text.toLowerCase()))
  return ({ host, hostname, port, protocol }: URL) => {
    const named = names.has(hostname) || names.has(host) || names.has(`${hostname}:${port || defaultPort(protocol)}`)
    return (address: string): boolean => named || !isPrivateAddress(address) || isAllowed(address)
  }
}

const defaultPort = (protocol: string): string => (protocol === "https:" ? "443" : "80")

/** Resolves as `node:dns` does, and fails where any of the addresses must not be called. */
const guarded =
  (isOpen: (address: string) => boolean): LookupFunction =>
  (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, "", 0)
      const closed = found.find(({ address }) => !isOpen(address))
      if (closed !== undefined) return done(privateAddress(hostname, closed.address), "", 0)
      if (options.all === true) return done(null, found)
      const [first] = found
      return first === undefined ? done(new Error("no address"), "", 0) : done(null, first.address, first.family)
    })

const privateAddress = (host: string, address: string) =>
  new EgressRefused(
    `${host} is at ${address}, which is private; list it in gate.egressAllowed (PORTICO_EGRESS_ALLOWED) to call it`
  )

const send = ({ body, headers, method, signal, url }: Outgoing, isOpen: (address: string) => boolean, most: number) =>
  new Promise<Response>((resolve, reject) => {
    const literal = url.hostname.replace(/^\[(.*)\]$/, "$1")
    // A name is checked where it is resolved; an address is never resolved.
    if (isIP(literal) !== 0 && !isOpen(literal)) return reject(privateAddress(url.host, literal))
    const request = url.protocol === "https:" ? overTls : overHttp
    const outgoing = request(
      url,
      {
        method,
        signal,
        lookup: guarded(isOpen),
        // A connection that is kept would be one whose address nobody looks at again.
        agent: false,
        headers: {
          ...headers,
          "accept-encoding": "identity",
          ...(body.length === 0 ? {} : { "content-length": body.length })
        }
      },
      (incoming) => {
        const chunks: Array<Buffer> = []
        let length = 0
        incoming.on("data", (chunk: Buffer) => {
          length += chunk.length
          if (length > most) outgoing.destroy(new EgressRefused(`${url.host} answers with more than ${most} bytes`))
          else chunks.push(chunk)
        })
        incoming.on("error", reject)
        incoming.on("end", () => {
          const status = incoming.statusCode ?? 0
          const names = incoming.rawHeaders.filter((_, index) => index % 2 === 0)
          const pairs = names.map((name, index): [string, string] => [name, incoming.rawHeaders[2 * index + 1] ?? ""])
          const isEmpty = status === 204 || status === 205 || status === 304
          resolve(new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: pairs }))
        })
      }
    )
    outgoing.on("error", reject)
    outgoing.end(body)
  })
