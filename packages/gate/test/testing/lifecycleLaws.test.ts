import { createServer } from "node:net"
import { setInterval as every } from "node:timers"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Gateway } from "../../src/index.ts"
import { LawBroken, Ledger, lifecycleLaw, lifecycleLaws } from "../../src/testing.ts"

interface Held {
  readonly open: (name: string, needs?: ReadonlyArray<string>) => Effect.Effect<void>
  readonly close: (name: string) => Effect.Effect<void>
}
class Store extends Context.Service<Store, Held>()("test/Store") {}

const provide = Layer.effect(
  Store,
  Effect.map(Ledger, ({ acquire, release }) => ({
    open: (name, needs = []) => acquire(name, ["test/Store", ...needs]),
    close: release
  }))
)

/** A module whose whole life is `live`, with what it was given to hold things in. */
const moduleOf = (live: (store: Held) => Effect.Effect<unknown, Error, Scope.Scope>) =>
  Gateway.module.define({
    id: "subject",
    displayName: "Subject",
    requires: [Store],
    layer: Layer.effectDiscard(Effect.flatMap(Store, live))
  })

const hold = (store: Held, name: string, needs: ReadonlyArray<string> = []) =>
  Effect.acquireRelease(store.open(name, needs), () => store.close(name))

const brokenBy = (live: Parameters<typeof moduleOf>[0]) =>
  Effect.flip(lifecycleLaws(moduleOf(live), { provide })).pipe(
    Effect.map((error) => {
      expect(error).toBeInstanceOf(LawBroken)
      return error as LawBroken
    })
  )

describe("lifecycleLaws", () => {
  it.effect("let a module pass that releases what it holds, from wherever it is stopped", () =>
    Effect.gen(function* () {
      const report = yield* lifecycleLaws(
        moduleOf((store) =>
          Effect.gen(function* () {
            yield* hold(store, "file")
            yield* Effect.sleep(2)
            yield* hold(store, "table", ["file"])
            yield* Effect.forkScoped(Effect.never)
            yield* Effect.acquireRelease(
              Effect.sync(() => every(() => {}, 1_000)),
              (timer) => Effect.sync(() => clearInterval(timer))
            )
          })
        ),
        { provide }
      )
      expect(report.steps).toBeGreaterThan(20)
      expect(report.lives).toBeGreaterThan(30)
    })
  )

  it.effect("let a module pass that only has routes", () =>
    Effect.gen(function* () {
      const report = yield* lifecycleLaws(Gateway.module.define({ id: "plain", displayName: "Plain" }))
      expect(report).toEqual({ lives: 3, steps: 0 })
    })
  )

  it.effect("find a release of what was never acquired", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy((store) =>
        Effect.andThen(
          Effect.addFinalizer(() => store.close("file")),
          Effect.uninterruptible(store.open("file"))
        )
      )
      expect(broken.law).toBe(lifecycleLaw.started)
      expect(broken.scenario).toMatch(/interrupted at step \d+ of \d+|a neighbour fails at step/)
    })
  )

  it.effect("find what an interruption between an acquisition and its finalizer leaves behind", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy((store) =>
        Effect.andThen(
          store.open("file"),
          Effect.addFinalizer(() => store.close("file"))
        )
      )
      expect(broken.law).toBe(lifecycleLaw.once)
      expect(broken.seen).toBe("file was never released.")
      expect(broken.scenario).toMatch(/interrupted at step/)
    })
  )

  it.effect("find a second release", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy((store) =>
        Effect.andThen(
          hold(store, "file"),
          Effect.addFinalizer(() => store.close("file"))
        )
      )
      expect(broken.law).toBe(lifecycleLaw.once)
      expect(broken.message).toBe(
        [
          'Module "subject" breaks a law of its life: each is released exactly once.',
          "  when: it starts and stops",
          "  seen: file was released a second time.",
          "  what happened:",
          "    + test/Store",
          "    subject begins",
          "    + file",
          "    subject is ready",
          "    - file",
          "    - file"
        ].join("\n")
      )
    })
  )

  it.effect("find a release that fails", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(() => Effect.addFinalizer(() => Effect.die(new Error("stuck"))))
      expect(broken.law).toBe(lifecycleLaw.once)
    })
  )

  it.effect("find a release in the order of need", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy((store) =>
        Effect.gen(function* () {
          yield* store.open("file")
          yield* store.open("table", ["file"])
          yield* Effect.addFinalizer(() => Effect.andThen(store.close("file"), store.close("table")))
        }).pipe(Effect.uninterruptible)
      )
      expect(broken.law).toBe(lifecycleLaw.reverse)
      expect(broken.seen).toBe("file was released before table, which needs it.")
    })
  )

  it.effect("find a use of what was released, as after a restart of what the module needs", () =>
    Effect.gen(function* () {
      let kept: Held | undefined
      const broken = yield* brokenBy((store) =>
        Effect.suspend(() => {
          kept ??= store
          return hold(kept, "file")
        })
      )
      expect(broken.law).toBe(lifecycleLaw.reverse)
      expect(broken.seen).toBe("The module used test/Store after that was released.")
    })
  )

  it.effect("find what starts before what it needs", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy((store) => Effect.andThen(hold(store, "table", ["file"]), hold(store, "file")))
      expect(broken.law).toBe(lifecycleLaw.order)
      expect(broken.seen).toBe("table was acquired while file was not there.")
    })
  )

  it.effect("find a fiber that goes on", () =>
    Effect.gen(function* () {
      const broken = yield* brokenBy(() => Effect.forkDetach(Effect.never))
      expect(broken.law).toBe(lifecycleLaw.left)
      expect(broken.seen).toBe("When all was over there was still a fiber.")
    })
  )

  it.effect("find a timer that goes on, and say where it was made", () =>
    Effect.gen(function* () {
      const timers: Array<NodeJS.Timeout> = []
      const broken = yield* brokenBy(() => Effect.sync(() => timers.push(every(() => {}, 1_000).unref())))
      for (const timer of timers) clearInterval(timer)
      expect(broken.law).toBe(lifecycleLaw.left)
      expect(broken.seen).toMatch(/still a timer \(made at .*lifecycleLaws\.test\.ts:\d+\)/)
    })
  )

  it.effect("find a server that goes on listening", () =>
    Effect.gen(function* () {
      const server = createServer()
      const broken = yield* brokenBy(() =>
        Effect.callback<void>((resume) => {
          server.listen(0, () => resume(Effect.void))
        })
      )
      server.close()
      expect(broken.law).toBe(lifecycleLaw.left)
      expect(broken.seen).toContain("a listening socket")
    })
  )

  it.effect("find a module that starts only once", () =>
    Effect.gen(function* () {
      const startsTimes = (most: number) => {
        let times = 0
        return brokenBy(() =>
          Effect.suspend(() => (++times > most ? Effect.fail(new Error("the lock is taken")) : Effect.void))
        )
      }
      const anew = yield* startsTimes(1)
      expect(anew.law).toBe(lifecycleLaw.again)
      expect(anew.seen).toContain("module subject: the lock is taken")
      const restarted = yield* startsTimes(2)
      expect(restarted.law).toBe(lifecycleLaw.again)
      expect(restarted.seen).toBe("After a restart it is degraded: the lock is taken.")
    })
  )

  it.effect("find what a stop in the middle of a restart leaves behind", () =>
    Effect.gen(function* () {
      // A module that is restarted alone gets what it had before.
      const known = new WeakSet<Held>()
      const broken = yield* brokenBy((store) => {
        const isRestart = known.has(store)
        known.add(store)
        return Effect.andThen(
          hold(store, "lock"),
          isRestart
            ? Effect.andThen(
                store.open("file"),
                Effect.addFinalizer(() => store.close("file"))
              )
            : Effect.void
        )
      })
      expect(broken.seen).toBe("file was never released.")
      expect(broken.scenario).toMatch(/^the product stops at step \d+ of \d+ of a restart$/)
    })
  )

  it.effect("find a release that takes longer than it may", () =>
    Effect.gen(function* () {
      const module = moduleOf(() => Effect.addFinalizer(() => Effect.never))
      const config = { "gate.moduleStopDeadline": 20 }
      const broken = yield* Effect.flip(lifecycleLaws(module, { provide, config }))
      expect(broken.message).toContain("Its release did not end within 20 ms.")
    })
  )

  it.effect("fail as the start does where the module does not start at all", () =>
    Effect.gen(function* () {
      const module = moduleOf(() => Effect.fail(new Error("no luck")))
      const error = yield* Effect.flip(lifecycleLaws(module, { provide }))
      expect(error._tag).toBe("GatewayBootError")
    })
  )

  it.effect("refuse a fake that the module has no use for", () =>
    Effect.gen(function* () {
      const module = Gateway.module.define({ id: "plain", displayName: "Plain" })
      const error = yield* Effect.flip(lifecycleLaws(module, { provide }))
      expect(error._tag).toBe("UnusedFake")
    })
  )
})
