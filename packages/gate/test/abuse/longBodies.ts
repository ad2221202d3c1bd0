import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { bodyStream } from "../../src/http.ts"
import { Gateway } from "../../src/index.ts"

/** `POST /count`: how long a body is, read as it arrives; `POST /half` answers before all of it has arrived. */
export const CountModule = Gateway.module.define({
  id: "count",
  displayName: "Count",
  routes: [
    {
      id: "route:count",
      scope: "public",
      mountPath: "/count",
      method: "POST",
      auth: "public",
      longBody: true,
      handle: Stream.runFold(
        bodyStream,
        () => 0,
        (sum, bytes) => sum + bytes.length
      ).pipe(Effect.map((bytes) => HttpServerResponse.jsonUnsafe({ bytes })))
    },
    {
      id: "route:half",
      scope: "public",
      mountPath: "/half",
      method: "POST",
      auth: "public",
      longBody: true,
      handle: Stream.runHead(bodyStream).pipe(Effect.map(() => HttpServerResponse.jsonUnsafe({ enough: true })))
    }
  ]
})
