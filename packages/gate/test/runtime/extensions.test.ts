import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Gateway } from "../../src/index.ts"
import { ExtensionRegistry } from "../../src/internal/runtime/extensions.ts"

const Tool = Gateway.extensionPoint<string>("tools")
const owner = Gateway.module.define({ id: "owner", displayName: "Owner", owns: [Tool] })
const plugin = Gateway.module.define({ id: "plugin", displayName: "Plugin" })
const named = (name: string) => (current: ReadonlyArray<{ readonly value: string }>) =>
  current.some(({ value }) => value === name)

describe("a live reference to contributions", () => {
  it.effect("is waited for until it holds what somebody needs, through changes that do not bring it", () =>
    Effect.gen(function* () {
      const registry = new ExtensionRegistry([owner, plugin])
      const tools = registry.service.ref(Tool)
      const waiter = yield* Effect.forkChild(tools.when(named("search")), { startImmediately: true })
      registry.put("plugin", new Map([["tools", ["fetch"]]]))
      expect(waiter.pollUnsafe()).toBeUndefined()
      registry.put("plugin", new Map([["tools", ["fetch", "search"]]]))
      yield* Fiber.join(waiter)
      expect(tools.current.map(({ module, value }) => [module, value])).toEqual([
        ["plugin", "fetch"],
        ["plugin", "search"]
      ])
      yield* tools.when(named("search"))
    })
  )

  it.effect("forgets who stopped waiting", () =>
    Effect.gen(function* () {
      const registry = new ExtensionRegistry([owner, plugin])
      let asked = 0
      const waiter = yield* Effect.forkChild(
        registry.service.ref(Tool).when(() => {
          asked++
          return false
        }),
        { startImmediately: true }
      )
      yield* Fiber.interrupt(waiter)
      registry.put("plugin", new Map([["tools", ["fetch"]]]))
      expect(asked).toBe(1)
    })
  )

  it("knows who contributes to it and is away: not started yet, or taken down", () => {
    const later = Gateway.module.define({
      id: "later",
      displayName: "Later",
      contributes: [Tool.of("known"), Tool.effect(Effect.succeed("made"))]
    })
    const registry = new ExtensionRegistry([owner, plugin, later])
    const tools = registry.service.ref(Tool)
    expect([tools.away, tools.current.map(({ value }) => value)]).toEqual([["later"], ["known"]])
    registry.put("later", new Map([["tools", ["known", "made"]]]))
    expect(tools.away).toEqual([])
    const { version } = tools
    registry.put("later", new Map())
    expect([tools.away, tools.current]).toEqual([["later"], []])
    expect(tools.version).toBeGreaterThan(version)
  })
})
