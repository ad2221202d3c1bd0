import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import { Migration } from "../../src/database.ts"
import { Gateway, SocketRpcs } from "../../src/index.ts"
import { SocketCall } from "../../src/rpc.ts"
import { findings, messages, module } from "../support/planning.ts"

const step = (id: string, after: ReadonlyArray<string> = []) => Migration.of({ id, after, up: "" })

describe("GATE012 collision", () => {
  it("two migrations of one module with one id collide, and both places are shown", () => {
    const [finding] = findings([module("crm", { contributes: [step("0001_a"), step("0001_a")] })])
    expect(finding?.message).toBe('two contributions to gate.migrations are both called "0001_a" (module "crm")')
    expect(finding?.places).toHaveLength(2)
  })

  it("two modules may number their migrations alike", () => {
    const contributes = [step("0001_a")]
    expect(messages([module("a", { contributes }), module("b", { contributes })])).toEqual([])
  })

  it("two modules may not answer the same namespace of the socket, although their calls are made when they start", () => {
    const group = RpcGroup.make(Rpc.make("crm.count")).middleware(SocketCall)
    const contributes = [SocketRpcs.of("crm", group, group.toLayer({ "crm.count": () => Effect.void }))]
    expect(messages([module("a", { contributes }), module("b", { contributes })])).toEqual([
      'GATE012 two contributions to gate.socket-rpcs are both called "crm" (modules "a" and "b")'
    ])
  })

  it("a point may want identities that differ in the whole product", () => {
    const names = Gateway.extensionPoint<string>("mcp.names", { identityOf: (name) => name })
    const contributes = [names.of("find")]
    expect(messages([module("a", { contributes, owns: [names] }), module("b", { contributes })])).toEqual([
      'GATE012 two contributions to mcp.names are both called "find" (modules "a" and "b")'
    ])
  })
})

describe("GATE012 moduleAfter", () => {
  it("an `after` that names no module is refused with the nearest id", () => {
    const [finding] = findings([module("kernel"), module("crm", { after: ["kernal"] })])
    expect(finding?.message).toBe('module "crm" starts after "kernal", which is no module of this product')
    expect(finding?.candidates).toEqual(['did you mean "kernel"?'])
  })

  it("a module that is switched off may be named, since there is nothing to wait for", () => {
    expect(messages([Gateway.when(false, module("kernel")), module("crm", { after: ["kernel"] })])).toEqual([])
  })
})

describe("GATE012 contributionCycle", () => {
  it("migrations of modules that come after each other are refused, with the way round", () => {
    const [finding, ...others] = findings([
      module("a", { contributes: [step("0001_a", ["b"])] }),
      module("b", { contributes: [step("0001_b"), step("0002_b", ["c"])] }),
      module("c", { contributes: [step("0001_c", ["a"])] })
    ])
    expect(finding?.message).toBe("contributions to gate.migrations come after each other: a -> b -> c -> a")
    expect(finding?.places).toHaveLength(3)
    expect(others).toEqual([])
  })

  it("a migration that comes after its own module's is a cycle of one", () => {
    expect(messages([module("a", { contributes: [step("0001_a", ["a"])] })])).toEqual([
      "GATE012 contributions to gate.migrations come after each other: a -> a"
    ])
  })
})

describe("GATE012 contributionAfter", () => {
  it("a migration that comes after nobody's is refused", () => {
    expect(messages([module("crm", { contributes: [step("0001_a", ["kernel"])] })])).toEqual([
      'GATE012 0001_a of module "crm" in gate.migrations comes after "kernel", which is no module of this product'
    ])
  })
})
