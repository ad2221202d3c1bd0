import type { GraphClient } from "@portico/client"
import {
  classMethods,
  defineDomain,
  defineRemoteFunction,
  type HandlerRequest,
  type InputStream,
  interfaceMethods,
  method,
  type SelfNode
} from "@portico/domain"
import { compileDomain, defineSchema, fn, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { describe, expect, expectTypeOf, it } from "vitest"
import { age, assign, createContact, hook, methods, seed } from "./crm.ts"
import { type Contact, schema } from "./fixtures.ts"

// The compiler is the test here: each `@ts-expect-error` fails the type check when the line below it compiles.
describe("the types of a domain", () => {
  it("give a handler its params, self and result", () => {
    method(schema, "Contact", "age", {
      execute: ({ auth, kernel, params, request, self }) => {
        expectTypeOf(params).toEqualTypeOf<{ readonly at: Date }>()
        expectTypeOf(self).toEqualTypeOf<SelfNode<(typeof schema)["classes"]["Contact"]>>()
        expectTypeOf(self.props.since).toEqualTypeOf<Date | undefined>()
        expectTypeOf(self.props.name).toEqualTypeOf<string | undefined>()
        expectTypeOf(kernel).toEqualTypeOf<GraphClient>()
        expectTypeOf(auth.principal.id).toEqualTypeOf<string>()
        expectTypeOf(request).toEqualTypeOf<HandlerRequest | undefined>()
        return Effect.succeed(1)
      }
    })
    // @ts-expect-error the schema says that it returns a number
    method(schema, "Contact", "age", { execute: () => "1" })
    // @ts-expect-error also where it is an Effect
    method(schema, "Contact", "age", { execute: () => Effect.succeed("1") })
    // @ts-expect-error there is no such method
    method(schema, "Contact", "asign", { execute: () => undefined })
    // @ts-expect-error the method is declared by the interface, not by the class
    method(schema, "Contact", "createContact", { execute: () => "x" })
    expectTypeOf<(typeof Contact)["props"]>().toHaveProperty("email")
  })

  it("hold handlers and callers of what streams to its items", () => {
    const streams = defineSchema("streams.example.dev", {
      functions: {
        out: fn({ output: "stream", returns: Schema.DateFromString }),
        file: fn({ output: "binary" }),
        both: fn({ input: "stream", takes: Schema.DateFromString, output: "stream", returns: Schema.Int }),
        load: fn({ input: "binary" }),
        value: fn()
      }
    })
    const S = compileDomain(streams)
    defineRemoteFunction(streams, "out", {
      execute: async function* ({ input }) {
        expectTypeOf(input).toEqualTypeOf<undefined>()
        yield new Date(0)
      }
    })
    defineRemoteFunction(streams, "out", { execute: () => Effect.succeed(Stream.make(new Date(0))) })
    // @ts-expect-error its items are dates
    defineRemoteFunction(streams, "out", { execute: () => Stream.make("1970-01-01") })
    defineRemoteFunction(streams, "out", {
      // @ts-expect-error its items are dates, also in the other style
      execute: async function* () {
        yield "1970-01-01"
      }
    })
    // @ts-expect-error one value is no stream
    defineRemoteFunction(streams, "out", { execute: () => new Date(0) })
    // @ts-expect-error what streams sends no answer of its own
    defineRemoteFunction(streams, "out", { execute: () => new Response("x") })
    defineRemoteFunction(streams, "file", { execute: () => new Uint8Array(1) })
    // @ts-expect-error bytes are no text
    defineRemoteFunction(streams, "file", { execute: () => "x" })
    defineRemoteFunction(streams, "both", {
      execute: ({ input }) => {
        expectTypeOf(input).toEqualTypeOf<InputStream<Date>>()
        return Stream.map(input, (at) => at.getTime())
      }
    })
    defineRemoteFunction(streams, "load", {
      execute: async ({ input }) => {
        for await (const piece of input) expectTypeOf(piece).toEqualTypeOf<Uint8Array>()
      }
    })
    const calls = (kernel: GraphClient) => [
      kernel.stream(S.functions.both, {}, { input: [new Date(0)] }),
      // @ts-expect-error it reads a stream
      kernel.stream(S.functions.both, {}),
      // @ts-expect-error of dates
      kernel.stream(S.functions.both, {}, { input: ["1970-01-01"] }),
      // @ts-expect-error it gives no value
      kernel.call(S.functions.out),
      // @ts-expect-error it gives no stream
      kernel.stream(S.functions.value),
      // @ts-expect-error it gives items, and no bytes
      kernel.bytes(S.functions.out),
      // @ts-expect-error it reads nothing
      kernel.call(S.functions.value, {}, { input: [1] }),
      // @ts-expect-error a stream has no answer that could be kept
      kernel.stream(S.functions.out, {}, { idempotencyKey: "k" })
    ]
    expect(calls).toBeTypeOf("function")
  })

  it("say that there may be no caller where auth is not required", () => {
    defineRemoteFunction(schema, "hook", {
      auth: "public",
      execute: ({ auth, caller, kernel, selfKernel }) => {
        expectTypeOf(kernel).toEqualTypeOf<GraphClient | null>()
        expectTypeOf(caller).toEqualTypeOf<GraphClient | null>()
        expectTypeOf(auth).toBeNullable()
        expectTypeOf(selfKernel()).toEqualTypeOf<GraphClient>()
        return ""
      }
    })
  })

  it("refuse a class whose methods are not all there", () => {
    // @ts-expect-error `age` is missing
    classMethods(schema, "Contact", { assign })
    // @ts-expect-error it is called `assign`
    classMethods(schema, "Contact", { asign: assign, age })
    // @ts-expect-error there is one too many
    classMethods(schema, "Contact", { assign, age, more: assign })
    // @ts-expect-error they are swapped
    classMethods(schema, "Contact", { assign: age, age: assign })
    // @ts-expect-error it is a method of another owner
    classMethods(schema, "Contact", { assign: createContact, age })
    classMethods(schema, "Contact", { assign, age })
    interfaceMethods(schema, "ContactOps", { createContact })
  })

  it("refuse a domain whose methods or functions are not all there", () => {
    const functions = { seed, hook }
    const refused = [
      // @ts-expect-error nothing is implemented
      () => defineDomain({ schema }),
      // @ts-expect-error the functions are missing
      () => defineDomain({ schema, methods }),
      // @ts-expect-error `hook` is missing
      () => defineDomain({ schema, methods, functions: { seed } }),
      // @ts-expect-error it is called `seed`
      () => defineDomain({ schema, methods, functions: { sed: seed, hook } }),
      // @ts-expect-error the class is missing
      () => defineDomain({ schema, functions, methods: { interface: methods.interface } }),
      // @ts-expect-error the class is called `Contact`
      () => defineDomain({ schema, functions, methods: { ...methods, class: { Kontakt: methods.class.Contact } } })
    ]
    for (const define of refused) expect(define).toThrow("cannot be defined")
  })

  it("refuse methods of another domain's schema", () => {
    const other = defineSchema("other.example.dev", {
      classes: { Contact: nodeClass({ methods: { assign: fn(), age: fn() } }) }
    })
    const theirs = classMethods(other, "Contact", {
      assign: method(other, "Contact", "assign", { execute: () => undefined }),
      age: method(other, "Contact", "age", { execute: () => undefined })
    })
    expect(() =>
      // @ts-expect-error its methods are other.example.dev's
      defineDomain({ schema, functions: { seed, hook }, methods: { ...methods, class: { Contact: theirs } } })
    ).toThrow("other.example.dev")
  })

  it("hold handlers to the deps that the domain makes", () => {
    const makeDeps = async (env: { readonly KEY: string }) => ({ key: env.KEY })
    const env = Schema.Struct({ KEY: Schema.String })
    const empty = defineSchema("deps.example.dev", {})
    const read = defineRemoteFunction({
      deps: makeDeps,
      returns: Schema.String,
      execute: ({ deps }) => {
        expectTypeOf(deps).toEqualTypeOf<{ key: string }>()
        return deps.key
      }
    })
    defineDomain({ schema: empty, env, deps: makeDeps, functions: { read } })
    // @ts-expect-error its handler needs a key, and the domain makes none
    defineDomain({ schema: empty, functions: { read } })
    // @ts-expect-error it makes something else
    defineDomain({ schema: empty, env, deps: () => ({ door: 1 }), functions: { read } })
    const wrong = (given: { readonly KEY: number }) => ({ key: `${given.KEY}` })
    // @ts-expect-error the environment holds no number
    defineDomain({ schema: empty, env, deps: wrong, functions: { read } })
  })
})
