import { describe, expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Authority, type DispatchCall, type Dispatcher, Kernel, type KernelCallable } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const answering = (answer: (call: DispatchCall) => Effect.Effect<unknown, PorticoError>) => {
  const calls: Array<DispatchCall> = []
  const dispatcher: Dispatcher = {
    dispatch: (each) => {
      calls.push(each)
      return answer(each)
    }
  }
  return { calls, contributions: { "kernel.dispatcher": [dispatcher] } }
}

const setUp = Effect.gen(function* () {
  yield* install(bundle)
  yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
  yield* create("/twin", { class: D.Twin.ref })
  yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
})

describe("a call into a domain", () => {
  it.effect("reaches the dispatcher with the callable, the node, checked params and the caller's authority", () => {
    const { calls, contributions } = answering(() => Effect.succeed("done"))
    return onKernel(
      Effect.gen(function* () {
        yield* setUp
        const kernel = yield* Kernel
        const params = { project: "/p", role: "lead" }
        const answer = yield* kernel.call(Authority.system, { path: "/c::assign", params })
        expect(answer.result).toBe("done")
        const [only] = calls
        const fn = yield* get("/crm.example.dev/class.Contact/assign")
        expect(only).toMatchObject({
          callable: {
            origin: "crm.example.dev",
            owner: { kind: "class", name: "Contact" },
            name: "assign",
            nodeId: fn.id,
            domainId: (yield* get("/:crm.example.dev")).id
          },
          self: { path: "/c", class: D.Contact.ref },
          params,
          depth: 1
        })
        expect(only?.callId).toMatch(/^[0-9a-f-]{36}$/)
        expect(only?.authority).toBe(Authority.system)
      }),
      contributions
    )
  })

  it.effect("finds what a class has from its interfaces in the tree form, too, and tells nobody else of it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const make = { class: K.Folder.ref, path: "/made" }
        expect(yield* call("/kernel.portico.dev/class.Folder/createNode", make)).toMatchObject({ path: "/made" })
        expect((yield* refused("/kernel.portico.dev/class.Folder/get")).code).toBe("METHOD_IS_INSTANCE")
        expect((yield* refused("/kernel.portico.dev/class.Folder/nope")).code).toBe("NOT_FOUND")
        expect((yield* refused("/crm.example.dev/class.Twin/hello/more")).code).toBe("NOT_FOUND")
        const ada = yield* user("ada")
        const words = (name: string) =>
          Effect.map(refused(`/crm.example.dev/class.Twin/${name}`, {}, ada.as), ({ code, message }) => [
            code,
            message.replace(name, "it")
          ])
        yield* call("/identities/authenticated::revokePerm", { node: "/crm.example.dev", perms: 15 })
        expect(yield* words("hello")).toEqual(yield* words("nope"))
      })
    )
  )

  it.effect("finds static methods, interface methods, functions, and the Function nodes themselves", () => {
    const { calls, contributions } = answering(() => Effect.succeed(null))
    return onKernel(
      Effect.gen(function* () {
        yield* setUp
        const c = yield* get("/c")
        const seed = yield* get("/:crm.example.dev:function.seed")
        const forms: ReadonlyArray<readonly [path: string, name: string, owner: string | undefined, self?: string]> = [
          ["/:crm.example.dev:class.Contact:import", "import", "Contact"],
          ["/crm.example.dev/class.Contact/import", "import", "Contact"],
          ["/c::hello", "hello", "Greets"],
          [`@${c.id}::hello`, "hello", "Greets"],
          ["/c::crm.example.dev:interface.Greets:hello", "hello", "Greets"],
          ["/twin::crm.example.dev:interface.Waves:hello", "hello", "Waves"],
          ["/:crm.example.dev:function.seed", "seed", undefined],
          ["/crm.example.dev/core/functions/seed", "seed", undefined],
          [`@${seed.id}`, "seed", undefined],
          ["/crm.example.dev/interface.Greets/hello", "hello", "Greets", "/c"],
          ["/:crm.example.dev:class.Contact:hello", "hello", "Greets", "/c"]
        ]
        const kernel = yield* Kernel
        for (const [path, name, owner, self] of forms) {
          calls.length = 0
          const params = name === "import" ? { count: 1 } : {}
          yield* kernel.call(Authority.system, { path, params, ...(self === undefined ? {} : { self }) })
          expect(calls[0]?.callable.name).toBe(name)
          expect(calls[0]?.callable.owner?.name).toBe(owner)
          expect(calls[0]?.self?.path).toBe(
            self ?? (path.includes("twin") ? "/twin" : path.includes("::") ? "/c" : undefined)
          )
        }
      }),
      contributions
    )
  })

  it.effect("in the wrong form is told the right one", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        expect(yield* refused("/c::import")).toMatchObject({
          code: "METHOD_IS_STATIC",
          message: "import is static; call it as /:crm.example.dev:class.Contact:import"
        })
        for (const path of ["/:crm.example.dev:class.Contact:assign", "/crm.example.dev/class.Contact/assign"]) {
          expect(yield* refused(path)).toMatchObject({
            code: "METHOD_IS_INSTANCE",
            details: { callAs: "<path of a crm.example.dev:class.Contact>::assign" }
          })
        }
        const both = yield* refused("/twin::hello")
        expect(both.code).toBe("METHOD_NOT_FOUND")
        expect(both.details?.forms).toEqual([
          "/twin::crm.example.dev:interface.Greets:hello",
          "/twin::crm.example.dev:interface.Waves:hello"
        ])
        for (const path of [
          "/c::nope",
          "/:crm.example.dev:class.Contact:nope",
          "/c",
          "/crm.example.dev",
          "/c::crm.example.dev:interface.Waves:hello"
        ]) {
          expect((yield* refused(path)).code).toBe("METHOD_NOT_FOUND")
        }
        expect((yield* refused("/:crm.example.dev:class.Nope:m")).code).toBe("CLASS_NOT_FOUND")
        expect((yield* refused("/:crm.example.dev:class.works_on:m")).code).toBe("CLASS_NOT_FOUND")
        const kernel = yield* Kernel
        const wrongSelf = { path: "/:crm.example.dev:class.Contact:assign", self: "/p" }
        expect((yield* Effect.flip(kernel.call(Authority.system, wrongSelf))).code).toBe("INVALID_PARAMS")
        const twice = { path: "/c::assign", self: "/c" }
        expect((yield* Effect.flip(kernel.call(Authority.system, twice))).code).toBe("INVALID_PARAMS")
      })
    )
  )

  it.effect("has its params checked, and what its references demand, before anybody is asked to run it", () => {
    const { calls, contributions } = answering(() => Effect.succeed("done"))
    return onKernel(
      Effect.gen(function* () {
        yield* setUp
        const ada = yield* user("ada")
        yield* grant(ada.path, "/c", 1)
        const issues = (params: unknown) =>
          Effect.map(refused("/c::assign", params, ada.as), ({ code, details }) => [code, details])
        expect(yield* issues({ role: 1 })).toEqual([
          "INVALID_PARAMS",
          {
            issues: [
              expect.objectContaining({ path: ["project"], code: "required" }),
              expect.objectContaining({ path: ["role"], code: "type" })
            ]
          }
        ])
        expect((yield* issues({ project: "/p", role: "r", extra: 1 }))[0]).toBe("INVALID_PARAMS")
        expect((yield* issues([]))[0]).toBe("INVALID_PARAMS")
        expect((yield* issues({ project: "/p", role: "r" }))[0]).toBe("NOT_FOUND")
        yield* grant(ada.path, "/p", 1)
        expect(yield* issues({ project: "/p", role: "r" })).toEqual([
          "PERMISSION_DENIED",
          { needs: ["EDIT"], on: "/p", phase: "param" }
        ])
        yield* grant(ada.path, "/c", 2)
        expect((yield* issues({ project: "/c", role: "r" }))[0]).toBe("INVALID_PARAMS")
        expect((yield* issues({ project: "not an address", role: "r" }))[0]).toBe("INVALID_PATH")
        expect(calls).toHaveLength(0)
        yield* grant(ada.path, "/p", 2)
        expect(yield* call("/c::assign", { project: "/p", role: "r" }, ada.as)).toBe("done")
        expect(calls).toHaveLength(1)
      }),
      contributions
    )
  })

  it.effect("needs USE on the function and READ on the node, and a credential unless declared otherwise", () => {
    const { contributions } = answering(() => Effect.succeed("done"))
    return onKernel(
      Effect.gen(function* () {
        yield* install({ ...bundle, grants: { everyone: 1, authenticated: 1 } })
        yield* create("/c", { class: D.Contact.ref, props: { email: "a" } })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/c", 1)
        expect(yield* refused("/c::hello", {}, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE"], on: "/crm.example.dev/interface.Greets/hello", phase: "type" }
        })
        const importing = "/:crm.example.dev:class.Contact:import"
        expect((yield* refused(importing, { count: 1 }, Authority.anonymous)).code).toBe("UNAUTHENTICATED")
        yield* grant("/identities/everyone", "/:crm.example.dev:class.Contact", 4)
        expect((yield* refused(importing, { count: 1 }, Authority.anonymous)).code).toBe("UNAUTHENTICATED")
        expect(yield* call("/:crm.example.dev:class.Contact:ping", {}, Authority.anonymous)).toBe("done")
        expect(yield* call(importing, { count: 1 }, ada.as)).toBe("done")
      }),
      contributions
    )
  })

  it.effect(
    "without anybody to run it is NOT_IMPLEMENTED; past its deadline TIMEOUT; with no JSON DISPATCH_FAILED",
    () =>
      Effect.gen(function* () {
        const path = "/:crm.example.dev:function.seed"
        yield* onKernel(
          Effect.gen(function* () {
            yield* setUp
            expect((yield* refused(path)).code).toBe("NOT_IMPLEMENTED")
          })
        )
        yield* onKernel(
          Effect.gen(function* () {
            yield* setUp
            expect((yield* refused(path)).code).toBe("DISPATCH_FAILED")
          }),
          answering(() => Effect.succeed(() => 1)).contributions
        )
        const reached = yield* Deferred.make<void>()
        yield* onKernel(
          Effect.gen(function* () {
            yield* setUp
            const fiber = yield* Effect.forkChild(refused(path))
            yield* Deferred.await(reached)
            yield* TestClock.adjust("31 seconds")
            expect((yield* Fiber.join(fiber)).code).toBe("TIMEOUT")
          }),
          answering(() => Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)).contributions
        )
      })
  )
})

describe("a callable whose module is away for the moment", () => {
  it.effect("is UNAVAILABLE, of a domain and of the kernel's schema", () =>
    onKernel(
      Effect.gen(function* () {
        yield* setUp
        const error = yield* refused("/:crm.example.dev:function.seed")
        expect(error).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("domains is not ready") })
        expect((yield* refused(K.Domain.list.path, {}, Authority.system)).code).toBe("UNAVAILABLE")
      }),
      {},
      ["domains"]
    )
  )
})

describe("a callable of the kernel's schema that a module implements", () => {
  it.effect("runs with the caller's authority after the kernel has checked it", () => {
    const seen: Array<unknown> = []
    const list: KernelCallable = {
      path: K.Domain.list.path,
      handle: ({ authority, params }) => {
        seen.push([authority.actor, params])
        return Effect.succeed({ domains: [] })
      }
    }
    return onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        expect(yield* call(K.Domain.list.path, {}, ada.as)).toEqual({ domains: [] })
        expect(seen).toEqual([[ada.id, {}]])
        expect((yield* refused(K.Domain.list.path, { x: 1 }, ada.as)).code).toBe("INVALID_PARAMS")
        expect((yield* refused(K.Domain.install.path, {}, Authority.system)).code).toBe("NOT_IMPLEMENTED")
      }),
      { "kernel.callables": [list] }
    )
  })

  it.effect("that installs or uninstalls domains is for whoever was granted it", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        for (const { path } of [K.Domain.install, K.Domain.uninstall]) {
          expect(yield* refused(path, {}, ada.as)).toMatchObject({
            code: "PERMISSION_DENIED",
            details: { needs: ["USE"] }
          })
        }
        yield* grant(ada.path, "/", 15)
        expect((yield* refused(K.Domain.install.path, {}, ada.as)).code).toBe("NOT_IMPLEMENTED")
      })
    )
  )
})
