import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./notes.ts"
import { connect } from "./peer.ts"

describe("metrics of sockets", () => {
  it.live("count open ones, and calls by name and outcome, but not by names that clients make up", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const peer = yield* connect(instance, "ada")
      for (const [id, tag] of ["notes.whoami", "notes.whoami", "notes.broken", "notes.made-up", "x.y"].entries()) {
        peer.request(id, tag)
        yield* peer.exitOf(id)
      }
      const headers = { authorization: "Bearer root" }
      const answer = yield* Effect.promise(() => fetch(`${instance.url}/gateway/v1/internal/metrics`, { headers }))
      const lines = (yield* Effect.promise(() => answer.text())).split("\n")
      expect(lines).toContain("portico_sockets 1")
      expect(lines).toContain("portico_http_in_flight 2")
      const calls = lines.filter((line) => line.startsWith("portico_socket_calls_total"))
      expect(calls.filter((line) => !line.endsWith(" 0")).sort()).toEqual([
        'portico_socket_calls_total{call="",outcome="failure"} 2',
        'portico_socket_calls_total{call="notes.broken",outcome="failure"} 1',
        'portico_socket_calls_total{call="notes.whoami",outcome="success"} 2'
      ])
    })
  )
})
