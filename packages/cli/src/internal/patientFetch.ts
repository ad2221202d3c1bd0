import { request as overHttp, type RequestOptions } from "node:http"
import { request as overHttps } from "node:https"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { Fetch } from "@portico/client"

/**
 * `fetch` that waits for an answer for as long as its work takes: Node's own gives up after five minutes. It follows no
 * redirect and keeps nothing between requests.
 */
export const patientFetch: Fetch = (input, init) =>
  new Promise((resolve, reject) => {
    const url = new URL(input)
    const options: RequestOptions = {
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers)),
      agent: false,
      ...(init.signal ? { signal: init.signal } : {})
    }
    const request = (url.protocol === "https:" ? overHttps : overHttp)(url, options, (answer) => {
      const headers = new Headers()
      for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value))
      const status = answer.statusCode ?? 0
      // Boundary: Node's web streams are the platform's.
      const body = status === 204 || status === 304 ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>)
      resolve(new Response(body, { status, headers }))
    })
    request.on("error", reject)
    const { body } = init
    if (body instanceof ReadableStream) {
      // An instance that does not want all of it answers, and may then close: that is no failure.
      pipeline(Readable.fromWeb(body as import("node:stream/web").ReadableStream), request).catch(() => {})
    } else request.end(body ?? undefined)
  })
