import { type CallRequest, makeGraphClient, type NodeOf, readProp, readProps } from "@portico/client"
import { isPorticoError, type Json, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { ada, D } from "./fixtures.ts"

const recorded = (answer: (request: CallRequest) => unknown = () => null) => {
  const calls: Array<CallRequest> = []
  const kernel = makeGraphClient((request) =>
    Effect.suspend(() => {
      calls.push(request)
      const result = answer(request)
      return isPorticoError(result) ? Effect.fail(result) : Effect.succeed({ result, seq: 1 })
    })
  )
  return { calls, kernel }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "no failure",
    (error: PorticoError) => error.code
  )

describe("a call of a compiled callable", () => {
  it("encodes params and decodes the result", async () => {
    const { calls, kernel } = recorded(() => "4000")
    const age = await kernel.call(D.Contact.age, { at: new Date(0) }, { self: "/contacts/ada" })
    expectTypeOf(age).toEqualTypeOf<number>()
    expect(age).toBe(4000)
    expect(calls).toEqual([
      { path: "/:crm.example.dev:class.Contact:age", params: { at: "1970-01-01T00:00:00.000Z" }, self: "/contacts/ada" }
    ])
  })

  it("knows params and result, which may be left out where none is required", async () => {
    const { kernel } = recorded(({ path }) => (path.endsWith("seed") ? 3 : "/contacts/a"))
    expectTypeOf(await kernel.call(D.functions.seed)).toEqualTypeOf<number>()
    expectTypeOf(await kernel.call(D.Contact.make, { email: "a" })).toEqualTypeOf<string>()
    // @ts-expect-error an e-mail address is a string
    void kernel.call(D.Contact.make, { email: 1 }).catch(() => undefined)
    // @ts-expect-error it is required
    void kernel.call(D.Contact.make).catch(() => undefined)
  })

  it("sends nothing that does not fit", async () => {
    const { calls, kernel } = recorded()
    // @ts-expect-error an e-mail address is a string
    expect(await codeOf(kernel.call(D.Contact.make, { email: 1 }))).toBe("INVALID_PARAMS")
    expect(await codeOf(kernel.call(D.Contact.age, { at: new Date(0) }))).toBe("METHOD_IS_INSTANCE")
    // @ts-expect-error what streams is not called for a value
    expect(await codeOf(kernel.call(D.Contact.follow))).toBe("INVALID_PARAMS")
    expect(calls).toEqual([])
  })

  it("says where a result is not what its contract says", async () => {
    const { kernel } = recorded(() => ({ not: "a number" }))
    expect(await codeOf(kernel.call(D.functions.seed))).toBe("CONTRACT_MISMATCH")
  })

  it("rejects with the error itself, and fails with it as an Effect", async () => {
    const { kernel } = recorded(() => PorticoError.make("NOT_FOUND", "no /x"))
    await expect(kernel.call("/x::get")).rejects.toMatchObject({ code: "NOT_FOUND", message: "no /x" })
    const caught = kernel.effect.call("/x::get").pipe(Effect.catchTag("NOT_FOUND", () => Effect.succeed("caught")))
    expect(await Effect.runPromise(caught)).toBe("caught")
  })

  it("is given up by its signal", async () => {
    const kernel = makeGraphClient(() => Effect.never)
    const controller = new AbortController()
    const call = codeOf(kernel.call("/x::get", undefined, { signal: controller.signal }))
    controller.abort()
    expect(await call).toBe("CANCELLED")
    expect(await codeOf(kernel.call("/x::get", undefined, { signal: controller.signal }))).toBe("CANCELLED")
  })
})

describe("nodes", () => {
  it("are read with their properties decoded by short name, inherited ones too", async () => {
    const { calls, kernel } = recorded(() => ada)
    const node = await kernel.get(D.Contact, "/contacts/ada")
    expectTypeOf(node).toEqualTypeOf<NodeOf<typeof D.Contact>>()
    expectTypeOf(node.props.since).toEqualTypeOf<Date | undefined>()
    expect(node.props).toEqual({ email: "ada@example.dev", since: new Date(1000), name: "Ada" })
    expect(calls).toEqual([{ path: "/contacts/ada::get", params: {} }])
    const raw = await kernel.get(node)
    expect(calls[1]?.path).toBe(`@${ada.id}::get`)
    expect(readProp(raw, D.Contact.since)).toEqual(new Date(1000))
    expect(readProp(raw, D.Project.title)).toBeUndefined()
    expect(readProps(D.Contact, raw).name).toBe("Ada")
  })

  it("of another class are not found, and of a hidden one need READ", async () => {
    expect(await codeOf(recorded(() => ada).kernel.get(D.Project, "/contacts/ada"))).toBe("NOT_FOUND")
    const hidden = recorded(() => ({ id: ada.id, path: ada.path, rev: 3 })).kernel
    expect(await codeOf(hidden.get(D.Contact, "/contacts/ada"))).toBe("PERMISSION_DENIED")
    expect(await hidden.get("/contacts/ada")).toMatchObject({ class: "", props: {} })
  })

  it("whose stored properties do not fit say so", async () => {
    const { kernel } = recorded(() => ({ ...ada, props: { [D.Contact.email.key]: 7 } }))
    expect(await codeOf(kernel.get(D.Contact, "/contacts/ada"))).toBe("CONTRACT_MISMATCH")
  })

  it("are made from short names and typed values, sent by qualified key", async () => {
    const { calls, kernel } = recorded(() => ({ id: "1", path: "/contacts/ada", rev: 1, created: true }))
    await kernel.create(D.Contact, {
      path: "/contacts/ada",
      props: { email: "a", since: new Date(0), name: undefined },
      links: [{ edge: D.works_on, target: "/projects/apollo", props: { role: "lead" } }],
      onConflict: "merge"
    })
    expect(calls).toEqual([
      {
        path: "/:kernel.portico.dev:interface.Node:createNode",
        params: {
          class: "crm.example.dev:class.Contact",
          path: "/contacts/ada",
          props: { [D.Contact.email.key]: "a", [D.Contact.since.key]: "1970-01-01T00:00:00.000Z" },
          links: [
            {
              edgeClass: "crm.example.dev:class.works_on",
              target: "/projects/apollo",
              props: { [D.works_on.role.key]: "lead" }
            }
          ],
          onConflict: "merge"
        }
      }
    ])
    // @ts-expect-error an e-mail address is required
    void kernel.create(D.Contact, { path: "/x", props: {} })
    // @ts-expect-error it has no such property
    expect(await codeOf(kernel.create(D.Contact, { path: "/x", props: { email: "a", phone: "1" } }))).toBe(
      "INVALID_PARAMS"
    )
  })

  it("take nothing from the prototype for a property", async () => {
    const { calls, kernel } = recorded()
    for (const name of ["__proto__", "constructor", "toString", "ref", "path", "make"]) {
      const props = Object.fromEntries([
        ["email", "a"],
        [name, "x"]
      ]) as { readonly email: string }
      expect(await codeOf(kernel.create(D.Contact, { path: "/x", props })), name).toBe("INVALID_PARAMS")
    }
    expect(calls).toEqual([])
  })

  it("are changed, with and without their class", async () => {
    const { calls, kernel } = recorded(() => ada)
    await kernel.update(D.Contact, ada, { props: { name: "Ada L." }, unset: ["since"], ifRev: 3 })
    await kernel.update("/contacts/ada", { props: { name: "Ada L." } })
    expect(calls.map(({ params }) => params)).toEqual([
      { props: { [D.Contact.name.key]: "Ada L." }, unset: [D.Contact.since.key], ifRev: 3 },
      { props: { name: "Ada L." } }
    ])
  })

  it("are listed by class", async () => {
    const { calls, kernel } = recorded(() => ({ nodes: [ada], next: "c" }))
    const page = await kernel.listChildren(D.Contact, "/contacts", { limit: 1 })
    expect(page).toMatchObject({ nodes: [{ props: { name: "Ada" } }], next: "c" })
    expect(calls).toEqual([
      { path: "/contacts::listChildren", params: { limit: 1, class: "crm.example.dev:class.Contact" } }
    ])
  })

  it("are linked by typed edges", async () => {
    const { calls, kernel } = recorded(() => ({ edges: [] }))
    await kernel.link("/contacts/ada", D.works_on, { id: ada.id }, { props: { role: "lead" } })
    await kernel.getLinks("/contacts/ada", { edge: D.works_on, direction: "out", with: "nodes" })
    expect(calls).toEqual([
      {
        path: "/contacts/ada::link",
        params: {
          edgeClass: "crm.example.dev:class.works_on",
          target: `@${ada.id}`,
          props: { [D.works_on.role.key]: "lead" }
        }
      },
      {
        path: "/contacts/ada::getLinks",
        params: { direction: "out", with: "nodes", edgeClass: "crm.example.dev:class.works_on" }
      }
    ])
    await kernel.updateLink("/contacts/ada", D.works_on, "/projects/apollo", { props: { role: "lead" }, ifRev: 3 })
    expect(calls[2]).toEqual({
      path: "/contacts/ada::updateLink",
      params: {
        edgeClass: "crm.example.dev:class.works_on",
        target: "/projects/apollo",
        props: { [D.works_on.role.key]: "lead" },
        ifRev: 3
      }
    })
    // @ts-expect-error a role is required
    void kernel.link("/a", D.works_on, "/b").catch(() => undefined)
  })
})

describe("permissions", () => {
  it("are given as a mask or as names, of identities on nodes", async () => {
    const { calls, kernel } = recorded(() => ({ mask: 3, allowed: true, seq: 1 }))
    await kernel.grant("/identities/ada", { node: "/projects", perms: ["READ", "EDIT"] })
    await kernel.revoke("/identities/ada", { node: "/projects", perms: 2 })
    expect((await kernel.check({ node: "/projects", perms: ["READ"] })).allowed).toBe(true)
    expect(calls.map(({ params, path }): Json => [path, params as Json])).toEqual([
      ["/identities/ada::grantPerm", { node: "/projects", perms: 3 }],
      ["/identities/ada::revokePerm", { node: "/projects", perms: 2 }],
      ["/:kernel.portico.dev:interface.Identity:checkPerm", { node: "/projects", perms: 1 }]
    ])
  })

  it("are explained and listed from both ends", async () => {
    const { calls, kernel } = recorded(() => ({}))
    await kernel.explain({ identity: ada, node: "/projects", perms: ["EDIT"] })
    await kernel.listAccessible({ perms: ["READ"], under: "/projects", class: D.Contact, limit: 10 })
    await kernel.listHolders("/projects", { perms: 9 })
    const identity = "/:kernel.portico.dev:interface.Identity"
    expect(calls.map(({ params, path }): Json => [path, params as Json])).toEqual([
      [`${identity}:explainPerm`, { node: "/projects", perms: 2, identity: `@${ada.id}` }],
      [
        `${identity}:listAccessible`,
        { perms: 1, under: "/projects", class: "crm.example.dev:class.Contact", limit: 10 }
      ],
      ["/projects::listHolders", { perms: 9 }]
    ])
  })
})
