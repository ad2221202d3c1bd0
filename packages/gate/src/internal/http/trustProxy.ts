import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as IpNetwork from "effect/net/IpNetwork"
import type { HttpApp } from "../../HttpTransport.ts"

const named: Readonly<Record<string, ReadonlyArray<string>>> = { loopback: ["127.0.0.0/8", "::1/128"] }

/**
 * Believes `x-forwarded-for`, `-host` and `-proto`, but only where the connection comes from one of `proxies`:
 * addresses, networks, or the word `loopback`. An entry that is none of them throws.
 */
export const trustProxies = (app: HttpApp, proxies: ReadonlyArray<string>): HttpApp => {
  if (proxies.length === 0) return app
  const texts = proxies.flatMap((proxy) => named[proxy] ?? [proxy])
  const trustedProxies = texts.map((text) =>
    IpNetwork.fromStringUnsafe(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`)
  )
  return HttpMiddleware.xForwardedHeaders({ trustedProxies })(app)
}
