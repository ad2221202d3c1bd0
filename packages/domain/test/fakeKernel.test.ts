import { FakeKernel } from "@portico/domain/testing"
import { isNotFound, PorticoError } from "@portico/schema"
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

  it("shows both lists where the calls were others", async () => {
    const fake = FakeKernel.record().answer("/x::get", ({ path }: { path: string }) => ({ id: "1", path, rev: 1 }))
    await fake.kernel.get("/x")
    expect(() => fake.expectCalls(["/x::get", "/x::delete"])).toThrow(
      "/x::get\n  /x::delete\nbut there were\n  /x::get"
    )
  })
})
