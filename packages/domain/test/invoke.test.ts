import { assert, describe, it } from "@effect/vitest"
import { makeGraphClient } from "@portico/client"
import { callerOnly, classMethods, defineDomain, defineRemoteFunction, type Invocation, method } from "@portico/domain"
import { FakeKernel, invokeDomain } from "@portico/domain/testing"
import { defineSchema, fn, nodeClass, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { expect } from "vitest"
import { makeCrm } from "./crm.ts"
import { D } from "./fixtures.ts"

const ada = {
  id: "0198b0a0-0000-7000-8000-000000000001",
  path: "/contacts/ada",
  slug: "ada",
  class: D.Contact.ref,
  props: {
    [D.Contact.email.key]: "ada@example.dev",
    [D.Contact.since.key]: "1970-01-01T00:00:01.000Z",
    [D.Contact.name.key]: "Ada"
  },
  rev: 3,
  createdAt: 1,
  updatedAt: 2
}

const bare: Invocation = {
  params: {},
  kernel: null,
  caller: null,
  selfKernel: () => FakeKernel.record().kernel,
  auth: null,
  deps: undefined
}

/** A domain with one function `run`, and its call. */
const withRun = (
  execute: () => unknown,
  options: { readonly returns?: typeof Schema.Int; readonly callerOnly?: boolean } = {}
) => {
  const run = defineRemoteFunction({
    returns: options.returns ?? Schema.Int,
    ...(options.callerOnly === true ? { authorize: callerOnly } : undefined),
    // The tests say what a handler of the wrong type does, so its type is taken away here.
    execute: execute as () => number
  })
  const domain = defineDomain({ schema: defineSchema("run.example.dev", {}), functions: { run } })
  return (invocation: Partial<Invocation> = {}) =>
    Effect.scoped(domain.invoke({ name: "run" }, { ...bare, ...invocation }))
}

describe("a call of a domain's code", () => {
  it("decodes params, self's own and inherited properties, and encodes the result", async () => {
    const result = await invokeDomain(makeCrm(), D.Contact.age, { at: new Date(5000) }, { self: ada })
    expect(result).toBe(4000)
  })

  it.effect("takes and gives JSON on the wire", () =>
    Effect.gen(function* () {
      const result = yield* makeCrm().invoke(
        { owner: { kind: "class", name: "Contact" }, name: "age" },
        { ...bare, params: { at: "1970-01-01T00:00:05.000Z" }, self: ada }
      )
      assert.strictEqual(result, "4000")
    })
  )

  it.effect("refuses params that do not fit before any code runs", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        makeCrm().invoke(
          { owner: { kind: "class", name: "Contact" }, name: "age" },
          { ...bare, params: { at: "soon" } }
        )
      )
      assert.strictEqual(error.code, "INVALID_PARAMS")
      assert.isArray(error.details?.issues)
    })
  )

  it("asks the kernel through the handler's client", async () => {
    const fake = FakeKernel.record().answer("/:kernel.portico.dev:interface.Node:createNode", {
      id: "1",
      path: "/contacts/a@b.c",
      rev: 1,
      created: true
    })
    const path = await invokeDomain(makeCrm(), D.ContactOps.createContact, { email: "a@b.c" }, { kernel: fake.kernel })
    expect(path).toBe("/contacts/a@b.c")
    expect(fake.calls[0]?.params).toEqual({
      class: "crm.example.dev:class.Contact",
      path: "/contacts/a@b.c",
      props: { "crm.example.dev:class.Contact.property.email": "a@b.c" }
    })
  })

  it.effect("keeps the code of an error of the catalogue, however it is raised", () =>
    Effect.gen(function* () {
      const conflict = PorticoError.make("PATH_CONFLICT", "taken", { path: "/x" })
      const ways = [
        () => {
          throw conflict
        },
        async () => {
          throw conflict
        },
        () => Effect.fail(conflict),
        () => Effect.die(conflict)
      ]
      for (const raise of ways) {
        const error = yield* Effect.flip(withRun(raise)())
        assert.deepStrictEqual(error.toJSON(), { code: "PATH_CONFLICT", message: "taken", details: { path: "/x" } })
      }
    })
  )

  it.effect("tells nothing of any other failure, and logs it", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ cause, message }) => logged.push(`${String(message)} ${JSON.stringify(cause)}`))
    return Effect.gen(function* () {
      const secret = new Error("password=hunter2")
      for (const raise of [
        () => Promise.reject(secret),
        () => Effect.fail({ secret: "hunter2" }),
        () => Effect.die("hunter2")
      ]) {
        const error = yield* Effect.flip(withRun(raise)())
        assert.strictEqual(error.code, "INTERNAL")
        assert.notInclude(JSON.stringify(error), "hunter2")
      }
      assert.lengthOf(logged, 3)
      assert.include(logged[0], "/:run.example.dev:function.run failed.")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("gives INTERNAL for a result that its schema does not say, and logs what is wrong", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ message }) => logged.push(String(message)))
    return Effect.gen(function* () {
      const error = yield* Effect.flip(withRun(() => "not a number")())
      assert.strictEqual(error.code, "INTERNAL")
      assert.include(logged[0], "/:run.example.dev:function.run returned what its schema does not say")
      const response = yield* Effect.flip(withRun(() => new Response("x"))())
      assert.strictEqual(response.code, "INTERNAL")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("aborts its signal when it is given up", () =>
    Effect.gen(function* () {
      const aborted = Promise.withResolvers<boolean>()
      const started = Promise.withResolvers<void>()
      const hang = defineRemoteFunction({
        execute: ({ signal }) => {
          signal.addEventListener("abort", () => aborted.resolve(true))
          started.resolve()
          return new Promise<void>(() => {})
        }
      })
      const domain = defineDomain({ schema: defineSchema("hang.example.dev", {}), functions: { hang } })
      const fiber = yield* Effect.forkChild(Effect.scoped(domain.invoke({ name: "hang" }, bare)))
      yield* Effect.promise(() => started.promise)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(yield* Effect.promise(() => aborted.promise))
    })
  )

  it.effect("authorizes before it executes", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const schema = defineSchema("order.example.dev", { classes: { Door: nodeClass({ methods: { open: fn() } }) } })
      const make = (refuse: boolean) =>
        defineDomain({
          schema,
          methods: {
            class: {
              Door: classMethods(schema, "Door", {
                open: method(schema, "Door", "open", {
                  authorize: async () => {
                    order.push("authorize")
                    if (refuse) throw PorticoError.make("PERMISSION_DENIED", "locked")
                  },
                  execute: () => {
                    order.push("execute")
                  }
                })
              })
            }
          }
        })
      const open = { owner: { kind: "class", name: "Door" }, name: "open" } as const
      const self = { ...ada, class: "order.example.dev:class.Door", props: {} }
      const error = yield* Effect.flip(make(true).invoke(open, { ...bare, self }))
      assert.strictEqual(error.code, "PERMISSION_DENIED")
      assert.strictEqual(yield* make(false).invoke(open, { ...bare, self }), null)
      assert.deepStrictEqual(order, ["authorize", "authorize", "execute"])
    })
  )

  it.effect("of a callerOnly function has the caller's authority and no other", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const named = (name: string) =>
        makeGraphClient(() =>
          Effect.sync(() => {
            asked.push(name)
            return { result: null, seq: 1 }
          })
        )
      const run = defineRemoteFunction({
        authorize: callerOnly,
        execute: async ({ kernel, selfKernel }) => {
          await kernel.call("/x::get")
          await selfKernel().call("/x::get")
        }
      })
      const domain = defineDomain({ schema: defineSchema("careful.example.dev", {}), functions: { run } })
      assert.isTrue(domain.bundle.contract.functions.run?.callerOnly)
      const error = yield* Effect.flip(
        domain.invoke(
          { name: "run" },
          { ...bare, kernel: named("union"), caller: named("caller"), selfKernel: () => named("self") }
        )
      )
      assert.strictEqual(error.code, "PERMISSION_DENIED")
      assert.deepStrictEqual(asked, ["caller"])
    })
  )

  it.effect("has no code for what the schema does not declare", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(makeCrm().invoke({ name: "nothing" }, bare))
      assert.strictEqual(error.code, "CONTRACT_MISMATCH")
    })
  )
})
