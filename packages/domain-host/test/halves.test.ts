import { Authority } from "@portico/kernel"
import { ALL, EDIT, READ, SHARE } from "@portico/schema"
import { describe, expect, it } from "vitest"
import { halvesOf } from "../src/internal/halves.ts"

const own = { functionId: "f", domainId: "d", deadline: 1000 }
const functionHalf = { kind: "function", identity: "f", also: ["d"], bounds: [] }
const withoutShare = { nodes: "all", perms: ALL & ~SHARE }

describe("the halves of a call", () => {
  it("are the caller's, bounded by acts and without SHARE, and the function's", () => {
    const acts = { nodes: ["p"], perms: READ | EDIT }
    const { caller, kernel, principal, self } = halvesOf({ ...own, acts, authority: Authority.identity("u") })
    const callerHalves = [
      { kind: "caller", identity: "u", also: [], bounds: [withoutShare, { nodes: ["p"], perms: READ | EDIT }] }
    ]
    expect(kernel).toEqual({ halves: [...callerHalves, functionHalf], actor: "u", via: "f", depth: 1, deadline: 1000 })
    expect(caller?.halves).toEqual(callerHalves)
    expect(self.halves).toEqual([functionHalf])
    expect(principal).toBe("u")
  })

  it("leave nothing of the caller to a domain without acts", () => {
    const { caller, kernel } = halvesOf({ ...own, acts: null, authority: Authority.identity("u") })
    expect(caller?.halves).toEqual([])
    expect(kernel.halves).toEqual([functionHalf])
  })

  it("narrow what was narrow already, and shorten the deadline but never lengthen it", () => {
    const narrow = Authority.withDeadline(Authority.narrow(Authority.identity("u"), { nodes: ["n"], perms: READ }), 500)
    const { kernel } = halvesOf({ ...own, acts: { nodes: ["p"], perms: EDIT }, authority: narrow })
    expect(kernel.halves[0]?.bounds).toEqual([
      { nodes: ["n"], perms: READ },
      withoutShare,
      { nodes: ["p"], perms: EDIT }
    ])
    expect(kernel.deadline).toBe(500)
  })

  it("have no caller without a credential; what is made then is recorded as the function's", () => {
    const acts = { nodes: ["p"], perms: READ }
    const { caller, kernel, principal, self } = halvesOf({ ...own, acts, authority: Authority.anonymous })
    expect([caller, principal]).toEqual([null, null])
    expect(kernel.halves).toEqual([functionHalf])
    expect(self.actor).toBe("f")
  })

  it("give a function that calls for itself a name, and none of what it was granted", () => {
    const acts = { nodes: ["p"], perms: READ }
    const calling = halvesOf({ ...own, acts: null, authority: Authority.identity("u") }).self
    const called = halvesOf({ ...own, functionId: "g", domainId: "e", acts, authority: calling })
    expect(called.principal).toBe("f")
    expect(called.caller?.halves).toEqual([])
    expect(called.kernel.halves).toEqual([{ kind: "function", identity: "g", also: ["e"], bounds: [] }])
    expect(called.kernel.depth).toBe(2)
  })

  it("never carry the standing of the instance itself", () => {
    for (const authority of Object.values(
      halvesOf({ ...own, acts: { nodes: ["p"], perms: READ }, authority: Authority.system })
    )) {
      expect(authority).not.toMatchObject({ system: true })
    }
  })
})
