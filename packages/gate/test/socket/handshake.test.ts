import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type AccessRecord, GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { base64url } from "./client.ts"
import { handshake } from "./handshake.ts"
import { notes, start } from "./notes.ts"
import { connect } from "./peer.ts"

const ada = { authorization: "Bearer ada" }

describe("the handshake of the socket", () => {
  it.live("takes the token as a header, or as a subprotocol that is not said back", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      expect(yield* handshake(instance, ada)).toMatchObject({ status: 101 })
      const offered = `portico.bearer.${base64url("ada")}, portico.rpc.v1`
      const { headers, status } = yield* handshake(instance, { "sec-websocket-protocol": offered })
      expect([status, headers["sec-websocket-protocol"]]).toEqual([101, "portico.rpc.v1"])
    })
  )

  it.live("is refused in the one error shape without a credential that is known", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      expect(yield* handshake(instance, {})).toMatchObject({ status: 401, code: "UNAUTHENTICATED" })
      const unknown = { "sec-websocket-protocol": `portico.rpc.v1, portico.bearer.${base64url("eve")}` }
      expect(yield* handshake(instance, unknown)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" })
      const mangled = { "sec-websocket-protocol": "portico.rpc.v1, portico.bearer.%%%" }
      expect(yield* handshake(instance, mangled)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" })
    })
  )

  it.live("is refused to pages of foreign origins, whatever credential comes along (abuse 42)", () =>
    Effect.gen(function* () {
      const instance = yield* start({ "gate.corsOrigins": "https://app.example" })
      const from = (origin: string) => Effect.map(handshake(instance, { ...ada, origin }), ({ status }) => status)
      expect(yield* from("https://evil.example")).toBe(403)
      expect(yield* from("null")).toBe(403)
      expect(yield* from(instance.url.replace("localhost", "localhost.evil.example"))).toBe(403)
      expect(yield* from(instance.url)).toBe(101)
      expect(yield* from("https://app.example")).toBe(101)
    })
  )

  it.live("is refused to other names than the instance's", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const answer = yield* handshake(instance, { ...ada, host: "evil.example", origin: "http://evil.example" })
      expect(answer).toMatchObject({ status: 421, code: "WRONG_HOST" })
    })
  )

  it.live("refuses a token in the query, and never logs it (abuse 42)", () =>
    Effect.gen(function* () {
      const records: Array<AccessRecord> = []
      const instance = yield* Effect.provide(
        GatewayInstance.start(notes, {
          settings: { flags: { "gate.port": "0" } },
          accessLog: (record) => records.push(record)
        }),
        NodeGateway.layer
      )
      for (const query of ["?access_token=s3cr3t", "?token=s3cr3t"]) {
        const path = `/gateway/v1/socket${query}`
        expect(yield* handshake(instance, ada, path)).toMatchObject({ status: 400, code: "INVALID_PARAMS" })
        expect(yield* handshake(instance, {}, path)).toMatchObject({ code: expect.stringMatching(/INVALID|UNAUTH/) })
      }
      expect(records.length).toBe(4)
      expect(JSON.stringify(records)).not.toContain("s3cr3t")
    })
  )

  it.live("is for the public listener alone, where internal routes have one of their own", () =>
    Effect.gen(function* () {
      const instance = yield* start({ "gate.internalListen": "localhost:0" })
      expect(instance.internalUrl).not.toBe(instance.url)
      expect(yield* handshake(instance, ada)).toMatchObject({ status: 101 })
      expect(yield* handshake({ url: instance.internalUrl }, ada)).toMatchObject({ status: 404, code: "NOT_FOUND" })
    })
  )

  it.live("says what is wrong with one that is none", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const plain = yield* Effect.promise(() => fetch(`${instance.url}/gateway/v1/socket`, { headers: ada }))
      expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"])
      expect(yield* handshake(instance, { ...ada, "sec-websocket-protocol": "mqtt" })).toMatchObject({ status: 400 })
      expect(yield* handshake(instance, { ...ada, "sec-websocket-key": "short" })).toMatchObject({ status: 400 })
    })
  )

  it.live("gives one caller no more sockets than one may have, and takes them back", () =>
    Effect.gen(function* () {
      const instance = yield* start({ "gate.socketsPerCaller": 2 })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const peers = [yield* connect(instance, "ada"), yield* connect(instance, "ada")]
          expect(yield* handshake(instance, ada)).toMatchObject({ status: 429, code: "RATE_LIMITED" })
          expect(yield* handshake(instance, { authorization: "Bearer root" })).toMatchObject({ status: 101 })
          for (const peer of peers) peer.socket.close()
          for (const peer of peers) yield* Effect.promise(() => peer.closed)
        })
      )
      expect(yield* handshake(instance, ada)).toMatchObject({ status: 101 })
    })
  )

  it.live("is logged once, when the socket is closed, under the id that its calls have", () =>
    Effect.gen(function* () {
      const records: Array<AccessRecord> = []
      const logged = Promise.withResolvers<AccessRecord>()
      const instance = yield* Effect.provide(
        GatewayInstance.start(notes, {
          settings: { flags: { "gate.port": "0" } },
          accessLog: (record) => {
            records.push(record)
            logged.resolve(record)
          }
        }),
        NodeGateway.layer
      )
      const peer = yield* connect(instance, "ada")
      peer.request(1, "notes.broken")
      const failure = yield* peer.failureOf(1)
      expect(records).toEqual([])
      peer.socket.close()
      const record = yield* Effect.promise(() => logged.promise)
      expect(record).toMatchObject({ status: 101, path: "/gateway/v1/socket", caller: "1", module: "gate" })
      expect(failure?.requestId).toBe(`${record.requestId}.1`)
    })
  )
})
