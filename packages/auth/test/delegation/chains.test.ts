import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { AuthInternals } from "../../src/internal/AuthInternals.ts"
import { type Delegation, reasonAgainst } from "../../src/internal/delegation/chain.ts"
import { makeDelegationTokens } from "../../src/internal/delegation/delegationTokens.ts"
import { issuer, world } from "./world.ts"

const link = (chain: ReadonlyArray<string>, change: Partial<Delegation> = {}): Delegation => ({
  id: chain[chain.length - 1] ?? "",
  root: "r",
  chain,
  bounds: [],
  audience: { kind: "holder" },
  jkt: null,
  apiKey: null,
  createdAt: 0,
  expiresAt: 1_000,
  revokedAt: null,
  ...change
})

describe("a chain of delegations (abuse 16)", () => {
  it.effect("has eight links at most", () =>
    Effect.gen(function* () {
      const { ada, mint, minted, status } = yield* world
      let last = yield* minted(ada.key, ada.path, { ttl: 600 })
      for (let depth = 2; depth <= 8; depth++) last = yield* minted(last.credential, ada.path, { ttl: 600 })
      expect(last.chain).toHaveLength(8)
      expect(yield* status(last.credential, "/projects::get")).toBe(200)
      const ninth = yield* mint(last.credential, ada.path, { ttl: 600 })
      expect([ninth.code, ninth.details]).toEqual(["LIMIT_EXCEEDED", { limit: "delegationChain", max: 8 }])
    })
  )

  it.effect("of a thousand is refused before a thousand are looked for", () =>
    Effect.gen(function* () {
      const { ada, get, request, rows } = yield* world
      const { keyRing } = yield* get(AuthInternals)
      const tokens = makeDelegationTokens(issuer, keyRing)
      const reasons = rows("SELECT details FROM auth_audit WHERE event = 'credential.refused' ORDER BY id")
      for (const length of [1_000, 20]) {
        const chain = Array.from({ length }, (_, index) => `link${index}`)
        const id = `link${length - 1}`
        const scope = { nodes: "all", perms: 1 } as const
        const token = yield* tokens.sign({ id, root: ada.id, chain, audience: issuer, scope, expiresAt: 600_000 })
        expect(reasonAgainst(yield* tokens.verify(token), [], 0)).toBe("its chain is too long")
        expect((yield* request("/who", { token })).status).toBe(401)
        yield* TestClock.adjust("2 minutes")
      }
      // They are signed as they should be: their chains are what is wrong with them, the first before it is verified.
      expect((yield* reasons).map(({ details }) => JSON.parse(String(details)).reason)).toEqual([
        "too long",
        "its chain is too long"
      ])
    })
  )

  it("that goes round is worth nothing", () => {
    const [a, b] = [link(["a"]), link(["a", "b"])]
    expect(reasonAgainst({ root: "r", chain: ["a", "b"] }, [a, b], 0)).toBeUndefined()
    expect(reasonAgainst({ root: "r", chain: ["a", "b", "a"] }, [a, b], 0)).toBe("its chain goes round")
    expect(reasonAgainst({ root: "r", chain: ["b", "a"] }, [a, b], 0)).toBe("its chain is not as it was made")
    expect(reasonAgainst({ root: "r", chain: [] }, [], 0)).toBe("its chain is too long")
  })

  it("that leaves links out, or is another identity's, is worth nothing", () => {
    const [a, b] = [link(["a"]), link(["a", "b"])]
    expect(reasonAgainst({ root: "r", chain: ["b"] }, [a, b], 0)).toBe("its chain is not as it was made")
    expect(reasonAgainst({ root: "s", chain: ["a", "b"] }, [a, b], 0)).toBe("its chain is not of one identity")
    expect(reasonAgainst({ root: "r", chain: ["a", "b"] }, [b], 0)).toBe("a credential of its chain is not known")
  })

  it("ends with any of its links", () => {
    const chain = ["a", "b", "c"]
    const links = [link(["a"]), link(["a", "b"]), link(chain)]
    for (const index of links.keys()) {
      const changed = (change: Partial<Delegation>) =>
        links.map((each, at) => (at === index ? { ...each, ...change } : each))
      expect(reasonAgainst({ root: "r", chain }, changed({ revokedAt: 1 }), 5)).toBe("revoked")
      expect(reasonAgainst({ root: "r", chain }, changed({ expiresAt: 5 }), 5)).toBe("expired")
    }
  })
})

describe("delegating on and back (abuse 16)", () => {
  it.effect("from one identity to another and back only narrows", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const there = yield* minted(ada.key, ada.path, { scope: { nodes: ["/projects"] }, ttl: 600 })
      const back = yield* minted(there.credential, ada.path, { scope: { nodes: ["/projects/apollo"] }, ttl: 600 })
      const again = yield* minted(back.credential, ada.path, { scope: { perms: 15 }, ttl: 600 })
      expect(yield* status(again.credential, "/projects/apollo::get")).toBe(200)
      expect(yield* status(again.credential, "/projects::get")).toBe(404)
    })
  )
})
