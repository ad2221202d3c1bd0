import { Path, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { GraphNode } from "../Node.ts"
import type { InstanceApi, InstanceMeta } from "../PorticoClient.ts"
import type { Transport } from "../Transport.ts"
import { expectObject, type HttpOptions, send, wanting } from "./http.ts"
import { sentOf } from "./sent.ts"
import { bytesOver, itemsOver, sendOver } from "./streams.ts"

/** `POST /api/call` as a transport. */
export const httpTransport =
  (options: HttpOptions, base: string): Transport =>
  (request, sendOptions) => {
    const { input, inputType: _, ...body } = request
    const output = sendOptions?.output
    if (output !== undefined) {
      const result = output === "stream" ? itemsOver(options, base, request) : bytesOver(options, base, request)
      return Effect.succeed({ result, seq: 0, output })
    }
    if (input !== undefined) return sendOver(options, base, sentOf(request), sendOptions?.timeoutMs)
    return Effect.gen(function* () {
      const answer = yield* send(options, base, {
        method: "POST",
        path: "/api/call",
        body,
        timeoutMs: sendOptions?.timeoutMs,
        headers: {
          ...wanting("value"),
          ...(sendOptions?.idempotencyKey === undefined ? undefined : { "idempotency-key": sendOptions.idempotencyKey })
        }
      })
      const { result, seq } = yield* expectObject(answer)
      if (typeof seq !== "number") {
        return yield* PorticoError.make("INTERNAL", `${base} did not answer as a Portico instance does.`)
      }
      return { result, seq }
    })
  }

/** What is only known over HTTP. */
export const makeInstance = (options: HttpOptions, base: string): InstanceApi<"effect"> => {
  const read = (path: string) => Effect.flatMap(send(options, base, { method: "GET", path }), expectObject)
  return {
    describe: (path) => read(`/api/describe?path=${encodeURIComponent(path)}`),
    node: (path, asked) =>
      Effect.gen(function* () {
        const url = Path.formatUrl(yield* Effect.fromResult(Path.parse(path)))
        const answer = yield* send(options, base, {
          method: "GET",
          path: `/api/nodes/${url.replace(/^\//, "")}`,
          ...(asked?.ifNoneMatch === undefined ? undefined : { headers: { "if-none-match": asked.ifNoneMatch } })
        })
        if (answer.status === 304) return undefined
        // Boundary: the kernel's answer to `::get`.
        const node = (yield* expectObject(answer)) as unknown as GraphNode
        return { node, etag: answer.headers.get("etag") ?? undefined }
      }),
    // Boundary: checked to be an object; its members are documented, not trusted.
    meta: () => Effect.map(read("/meta"), (meta) => meta as unknown as InstanceMeta),
    readyz: () =>
      Effect.gen(function* () {
        const answer = yield* send(options, base, { method: "GET", path: "/readyz" })
        // Not ready is an answer, not a failure.
        if (answer.status !== 503) yield* expectObject(answer)
        return { ready: answer.status !== 503, answer: answer.json }
      }),
    request: (method, path, asked) => Effect.flatMap(send(options, base, { method, path, ...asked }), expectObject)
  }
}
