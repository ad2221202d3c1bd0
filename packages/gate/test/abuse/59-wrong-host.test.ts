import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rawRequest } from "../node/rawSocket.ts"
import { listen } from "./listening.ts"

const post = (target: string, ...fields: ReadonlyArray<string>) =>
  `POST ${target} HTTP/1.1\r\n${[...fields, "Content-Length: 2"].join("\r\n")}\r\n\r\nhi`

/** Names that a page's own server may have, and that resolve to us. */
const hosts = [
  "evil.example",
  "evil.example:80",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evil.example.localhost",
  "localhost@evil.example",
  "127.0.0.2",
  "0.0.0.0",
  "[::]",
  "2130706433",
  "0x7f.1",
  "127.1",
  "localhost.",
  "local\u0068ost\u00ad"
]

describe("abuse 59: a page of another host that resolves to us", () => {
  for (const host of hosts) {
    it.live(`is told by the name ${JSON.stringify(host)}, and nothing is done`, () =>
      Effect.gen(function* () {
        const { handled, port } = yield* listen()
        const answer = yield* rawRequest({ port, pieces: [post("/note", `Host: ${host}`)] })
        expect(answer).toMatchObject({ status: 421, json: { error: { code: "WRONG_HOST" } } })
        expect(handled).toEqual([])
      })
    )
  }

  it.live("is told by the target, too, whatever its Host header says", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const answer = yield* rawRequest({ port, pieces: [post("http://evil.example/note", "Host: localhost")] })
      expect(answer).toMatchObject({ status: 421, json: { error: { code: "WRONG_HOST" } } })
      expect(handled).toEqual([])
    })
  )

  // RFC 9112, section 3.2: more than one is for the server to refuse.
  it.live("does not get in by a second Host header", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen()
      const answer = yield* rawRequest({ port, pieces: [post("/note", "Host: localhost", "Host: evil.example")] })
      expect(answer).toMatchObject({ status: 400, json: { error: { code: "INVALID_BODY" } } })
      expect(handled).toEqual([])
    })
  )

  it.live("does not read an internal page, though its Host check is over when it asks for a probe", () =>
    Effect.gen(function* () {
      const { port } = yield* listen()
      const probe = "GET /readyz HTTP/1.1\r\nHost: evil.example\r\n\r\n"
      const answer = yield* rawRequest({ port, pieces: [probe] })
      expect(answer.status).toBe(200)
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined()
      const plan = "GET /gateway/v1/internal/plan HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer root\r\n\r\n"
      expect(yield* rawRequest({ port, pieces: [plan] })).toMatchObject({ status: 421 })
    })
  )

  it.live("is let in once its name is one of ours", () =>
    Effect.gen(function* () {
      const { handled, port } = yield* listen({ "gate.allowedHosts": ["shop.example"] })
      expect(yield* rawRequest({ port, pieces: [post("/note", "Host: SHOP.example:8080")] })).toMatchObject({
        status: 200
      })
      expect(handled).toEqual(["POST /note hi"])
    })
  )
})
