import { request } from "node:http"
import * as Effect from "effect/Effect"
import type { GatewayInstance } from "../../src/index.ts"

/** How a handshake was answered. */
export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The code of the error. */
  readonly code: string | undefined
}

const codeIn = (body: string): string | undefined => {
  const json: { readonly error?: { readonly code: string } } = body === "" ? {} : JSON.parse(body)
  return json.error?.code
}

/** Asks for a socket with these headers, and lets go of it. */
export const handshake = (
  instance: Pick<GatewayInstance, "url">,
  headers: Readonly<Record<string, string>>,
  path = "/gateway/v1/socket"
) =>
  Effect.callback<Answered>((resume) => {
    const asked = request(`${instance.url}${path}`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers
      }
    })
    asked.on("upgrade", (response, socket) => {
      socket.destroy()
      resume(Effect.succeed({ status: 101, headers: response.headers, code: undefined }))
    })
    asked.on("response", (response) => {
      let body = ""
      response.setEncoding("utf8").on("data", (part) => {
        body += part
      })
      response.on("end", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, code: codeIn(body) }))
      )
    })
    asked.end()
  })
