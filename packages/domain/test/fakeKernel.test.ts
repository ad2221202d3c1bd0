import { FakeKernel } from "@portico/domain/testing"
import { isNotFound, K, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { D } from "./fixtures.ts"

describe("FakeKernel", () => {
  it("answers in turn, the last answer from then on", async () => {
    const fake = FakeKernel.record()
      .answer(D.ContactOps.createContact, "/contacts/1")
      .answer(D.ContactOps.createContact, "/contacts/2")
    const make = () => fake.kernel.call(D.ContactOps.createContact, { email: "a@b.c" })
    expect([await make(), await make(), await make()]).toEqual(["/contacts/1", "/contacts/2", "/contacts/2"])
  })

  it("cans an instance method for one node or for all", async () => {
    const fake = FakeKernel.record()
      .answer({ callable: D.Contact.age, self: "/contacts/ada" }, 1)
      .answer(D.Contact.age, 2)
    const at = new Date(0)
    expect(await fake.kernel.call(D.Contact.age, { at }, { self: "/contacts/ada" })).toBe(1)
    expect(await fake.kernel.call(D.Contact.age, { at }, { self: "/contacts/grace" })).toBe(2)
    fake.expectCalls([
      { callable: D.Contact.age, self: "/contacts/ada" },
      { callable: D.Contact.age, self: "/contacts/grace" }
    ])
  })

  it("fails with the errors it was given, and loudly for what it was not told", async () => {
    const fake = FakeKernel.record().answer("/x::get", PorticoError.make("NOT_FOUND", "no /x"))
    await expect(fake.kernel.get("/x").catch(isNotFound)).resolves.toBe(true)
    await expect(fake.kernel.get("/y")).rejects.toThrow('.answer("/y::get", …)')
  })

  it("answers what streams with a list of its pieces, and remembers what was sent", async () => {
    const fake = FakeKernel.record()
      .answer(K.Node.export, [new Uint8Array(2)])
      .answer("/x::items", [1, 2])
      .answer(K.Node.import.path, { rows: 1 })
    const items: Array<unknown> = []
    for await (const item of fake.kernel.stream("/x::items")) items.push(item)
    for await (const bytes of fake.kernel.bytes(K.Node.export)) items.push(bytes.length)
    expect(items).toEqual([1, 2, 2])
    await fake.kernel.call(K.Node.import.path, {}, { input: [new Uint8Array(3)], inputType: "text/csv" })
    const sent = fake.calls.at(-1)?.input ?? Stream.empty
    expect(await Effect.runPromise(Stream.runCollect(sent))).toEqual([new Uint8Array(3)])
  })

  it("shows both lists where the calls were others", async () => {
    const fake = FakeKernel.record().answer("/x::get", ({ path }: { path: string }) => ({ id: "1", path, rev: 1 }))
    await fake.kernel.get("/x")
    expect(() => fake.expectCalls(["/x::get", "/x::delete"])).toThrow(
      "/x::get\n  /x::delete\nbut there were\n  /x::get"
    )
  })
})
