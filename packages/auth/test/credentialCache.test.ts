import { describe, expect, it } from "@effect/vitest"
import { CredentialCache } from "../src/internal/credentialCache.ts"

const forever = Number.POSITIVE_INFINITY

describe("the cache of verified credentials", () => {
  it("gives back what was put until it expires", () => {
    const cache = new CredentialCache<string>(10)
    cache.put("a", { value: "A", expiresAt: 100 }, cache.epoch)
    expect(cache.get("a", 99)).toBe("A")
    expect(cache.get("a", 100)).toBeUndefined()
    expect(cache.size).toBe(0)
  })

  it("holds a bounded number, and lets go of what was not used for longest", () => {
    const cache = new CredentialCache<string>(2)
    cache.put("a", { value: "A", expiresAt: forever }, cache.epoch)
    cache.put("b", { value: "B", expiresAt: forever }, cache.epoch)
    cache.get("a", 0)
    cache.put("c", { value: "C", expiresAt: forever }, cache.epoch)
    expect(["a", "b", "c"].map((key) => cache.get(key, 0))).toEqual(["A", undefined, "C"])
  })

  it("does not remember what was verified before a revocation and put after it", () => {
    const cache = new CredentialCache<string>(2)
    const { epoch } = cache
    cache.clear()
    cache.put("a", { value: "A", expiresAt: forever }, epoch)
    expect(cache.get("a", 0)).toBeUndefined()
  })
})
