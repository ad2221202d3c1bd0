import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./notes.ts"
import { connect, type Told } from "./peer.ts"

const statesIn = ({ values = [] }: Told): ReadonlyArray<string> =>
  values.flatMap(({ item }) => (Array.isArray(item) ? item.map(({ id, status }) => `${id} ${status}`) : []))

const positionIn = ({ values = [] }: Told): string | undefined => values.at(-1)?.position

describe("gateway.states", () => {
  it.live("tells an operator all states, then each change", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const peer = yield* connect(instance, "root")
      peer.request(1, "gateway.states", {})
      expect(statesIn(yield* peer.next)).toEqual(["auth ready", "notes ready"])
      peer.ack(1)
      yield* instance.restart("notes")
      const seen: Array<string> = []
      while (seen.at(-1) !== "notes ready") {
        seen.push(...statesIn(yield* peer.next))
        peer.ack(1)
      }
      expect(seen[0]).toBe("notes restarting")
    })
  )

  it.live("goes on after the position that it is told, with nothing missing and nothing twice", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const peer = yield* connect(instance, "root")
      peer.request(1, "gateway.states", {})
      const first = yield* peer.next
      peer.interrupt(1)
      yield* instance.restart("notes")
      const read = (id: number, since: string | undefined, until: string) =>
        Effect.gen(function* () {
          peer.request(id, "gateway.states", { since })
          const all: Array<Told> = []
          while (statesIn(all.at(-1) ?? { _tag: "" }).at(-1) !== until) {
            const told = yield* peer.next
            if (told.requestId !== id) continue
            all.push(told)
            peer.ack(id)
          }
          peer.interrupt(id)
          return all
        })
      const missed = yield* read(2, positionIn(first), "notes ready")
      const half = missed.slice(0, 1)
      const rest = yield* read(3, positionIn(half[0] ?? { _tag: "" }), "notes ready")
      expect(rest.flatMap(statesIn)).toEqual(missed.slice(1).flatMap(statesIn))
    })
  )

  it.live("begins anew after a position of another start", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "root")
      for (const [id, since] of ["other-3", "nonsense", "-1", ""].entries()) {
        peer.request(id, "gateway.states", { since })
        expect(statesIn(yield* peer.next)).toEqual(["auth ready", "notes ready"])
        peer.interrupt(id)
        yield* peer.exitOf(id)
      }
    })
  )
})
