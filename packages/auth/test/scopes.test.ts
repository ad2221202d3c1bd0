import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { AuthInternals } from "../src/internal/AuthInternals.ts"
import { boundsOf, scopeOf, within } from "../src/internal/oauth/scopes.ts"
import { start } from "./support/start.ts"

describe("a scope", () => {
  it("says what and where; only `full` leaves everything", () => {
    expect(boundsOf(["full"])).toEqual([])
    expect(boundsOf(["openid"])).toEqual([{ nodes: "all", perms: 0 }])
    expect(boundsOf(["read", "use", "node:a", "node:b"])).toEqual([{ nodes: ["a", "b"], perms: 5 }])
    expect(boundsOf(["full", "node:a"])).toEqual([{ nodes: ["a"], perms: 15 }])
  })

  it("within another one only adds bounds, whatever is asked for (abuse 14)", () => {
    const narrow = scopeOf(["read", "node:a"])
    expect(within(narrow, ["full"]).bounds).toEqual(narrow.bounds)
    expect(within(narrow, ["read", "share", "node:b"]).bounds).toEqual([...narrow.bounds, { nodes: ["b"], perms: 9 }])
  })

  it.effect("of an operator's token opens neither internal routes nor what is about the identity itself", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { tokens } = yield* app.get(AuthInternals)
      const { id } = yield* app.auth.verify(app.operatorToken())
      const ask = (words: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const { token } = yield* tokens.issue({ identity: id, scope: scopeOf(words) })
          return [
            yield* app.status("/gateway/v1/internal/who", { token }),
            yield* app.status("/auth/keys", { token, json: { name: "wider" } }),
            yield* app.status("/auth/sessions", { token, method: "DELETE" })
          ]
        })
      expect(yield* ask(["read", "edit", "use", "share"])).toEqual([403, 403, 403])
      expect(yield* ask(["full"])).toEqual([200, 201, 204])
    })
  )
})
