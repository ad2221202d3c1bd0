import { describe, expect, it } from "@effect/vitest"
import { contractId, defineSchema, K, KernelSchema, kernelOrigin, nodeClass, nodeInterface } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, type InstallBundle, Kernel, SchemaInstaller } from "../../src/index.ts"
import { bundle, bundleOf, D, origin } from "../support/crm.ts"
import { call, create, digest, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const failing = (bundle: InstallBundle) => Effect.flip(install(bundle))

/** A copy that may be made into any nonsense. */
// biome-ignore lint/suspicious/noExplicitAny: see above
const loose = (contract: InstallBundle["contract"]): any => structuredClone(contract)

describe("install", () => {
  it.effect("writes the schema into the graph, with edges between its parts", () =>
    onKernel(
      Effect.gen(function* () {
        const outcome = yield* install({ ...bundle, version: "1.2.3" })
        const domain = yield* get("/crm.example.dev")
        expect(outcome.domainId).toBe(domain.id)
        expect(domain.props).toMatchObject({
          [K.Domain.origin.key]: origin,
          [K.Domain.contractId.key]: bundle.contractId,
          [K.Domain.version.key]: "1.2.3"
        })
        const classes = {
          "class.Contact": K.Class.ref,
          "class.works_on": K.EdgeClass.ref,
          "interface.Greets": K.Interface.ref,
          "class.Contact/assign": K.Function.ref,
          "core/functions/seed": K.Function.ref
        }
        for (const [path, ref] of Object.entries(classes)) {
          expect((yield* get(`/crm.example.dev/${path}`)).class).toBe(ref)
        }
        const assign = (yield* get("/crm.example.dev/class.Contact/assign")).props
        expect(assign).toMatchObject({ [K.Callable.static.key]: false, [K.Callable.auth.key]: "required" })
        const links = Effect.map(
          call("/:crm.example.dev:class.Contact::getLinks", { direction: "both", with: "nodes", limit: 100 }),
          ({ edges }: { edges: ReadonlyArray<{ class: string }> }) => edges.map((edge) => edge.class)
        )
        const count = (all: ReadonlyArray<string>, ref: string) => all.filter((each) => each === ref).length
        expect(count(yield* links, K.implements.ref)).toBe(3)
        expect(count(yield* links, K.method_of.ref)).toBe(3)
        expect(count(yield* links, K.of_domain.ref)).toBe(1)
      })
    )
  )

  it.effect("again changes nothing that is there: ids, revs and grants stay", () =>
    onKernel(
      Effect.gen(function* () {
        const first = yield* install({ ...bundle, owns: ["/contacts"] })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/:crm.example.dev:class.Contact", 8)
        yield* call("/identities/authenticated::revokePerm", { node: "/crm.example.dev", perms: ["USE"] })
        const contact = yield* get("/:crm.example.dev:class.Contact")
        const again = yield* install({ ...bundle, owns: ["/contacts"] })
        expect(again.plan.unchanged).toBe(true)
        expect(again.domainId).toBe(first.domainId)
        expect(yield* get("/:crm.example.dev:class.Contact")).toEqual(contact)
        const kernel = yield* Kernel
        expect(yield* kernel.mask(ada.as, "/:crm.example.dev:class.Contact")).toBe(9)
      })
    )
  )

  it.effect("grants READ and USE on the schema to who shows a credential, or what the bundle declares", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const ada = yield* user("ada")
        const masks = Effect.all([
          kernel.mask(Authority.anonymous, "/:crm.example.dev"),
          kernel.mask(ada.as, "/:crm.example.dev")
        ])
        yield* install(bundle)
        expect(yield* masks).toEqual([0, 5])
        yield* install({ ...bundle, grants: { everyone: 1, authenticated: 1 } })
        expect(yield* masks).toEqual([1, 1])
        yield* install({ ...bundle, grants: { everyone: 1 } })
        expect(yield* masks).toEqual([1, 1])
        yield* install({ ...bundle, grants: { authenticated: 4 } })
        expect(yield* masks).toEqual([0, 4])
      })
    )
  )

  it.effect("makes the folders that the domain owns and gives it every bit there, and refuses others'", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const { domainId, plan } = yield* install({ ...bundle, owns: ["/contacts", "/data/crm"] })
        expect(plan.owns).toEqual([
          { path: "/contacts", state: "new" },
          { path: "/data/crm", state: "new" }
        ])
        const domain = Authority.identity(domainId)
        expect(yield* kernel.mask(domain, "/contacts")).toBe(15)
        expect(yield* kernel.mask(domain, "/data/crm")).toBe(15)
        expect(yield* kernel.mask(domain, "/data")).toBe(0)
        const other = bundleOf(defineSchema("other.example.dev", { classes: { X: nodeClass({}) } }))
        yield* create("/taken")
        for (const path of [
          "/contacts",
          "/contacts/mine",
          "/taken",
          "/",
          "/crm.example.dev/x",
          "/new.example.dev",
          "not a path",
          "/a::b"
        ]) {
          const before = yield* digest
          const error = yield* failing({ ...other, owns: [path] })
          expect(error.code).toBe("SCHEMA_CONFLICT")
          expect(error.details?.owns).toMatchObject([{ path, state: "conflict" }])
          expect(yield* digest).toBe(before)
        }
        const again = yield* install({ ...bundle, owns: ["/contacts"] })
        expect(again.plan.owns).toEqual([{ path: "/contacts", state: "owned" }])
        expect(yield* kernel.mask(domain, "/data/crm")).toBe(0)
      })
    )
  )

  it.effect("refuses what is not installed, the kernel's origin, and an id that is not the contract's", () =>
    onKernel(
      Effect.gen(function* () {
        const before = yield* digest
        expect(yield* failing({ ...bundle, requires: ["billing.example.dev"] })).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { missing: ["billing.example.dev"] }
        })
        const library = defineSchema("library.example.dev", { interfaces: { Book: nodeInterface({}) } })
        const reader = bundleOf(
          defineSchema("reader.example.dev", {
            classes: { Novel: nodeClass({ implements: [library.interfaces.Book] }) },
            imports: [library]
          })
        )
        expect(yield* failing(reader)).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { missing: ["library.example.dev"] }
        })
        const kernels = bundleOf(KernelSchema)
        expect((yield* failing(kernels)).code).toBe("SCHEMA_CONFLICT")
        expect((yield* failing({ ...bundle, contractId: kernels.contractId })).code).toBe("CONTRACT_MISMATCH")
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("refuses a contract that is malformed, too large, or has a catastrophic pattern (abuse 34, abuse 58)", () =>
    onKernel(
      Effect.gen(function* () {
        const before = yield* digest
        // Boundary: what comes over the wire may be anything.
        const broken = (contract: unknown) => failing({ ...bundle, contract: contract as InstallBundle["contract"] })
        for (const contract of [null, {}, { ...bundle.contract, v: 2 }, { ...bundle.contract, extra: 1 }]) {
          expect((yield* broken(contract)).code).toBe("INVALID_PARAMS")
        }
        const evil = loose(bundle.contract)
        evil.classes.Contact.props.email.schema = { type: "string", pattern: "^(a+)+$" }
        expect((yield* broken(evil)).code).toBe("INVALID_PARAMS")
        const methods = loose(bundle.contract)
        methods.classes.Contact.methods.get = methods.classes.Contact.methods.assign
        expect((yield* broken(methods)).code).toBe("INVALID_PARAMS")
        const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`C${i}`, nodeClass({})]))
        expect(yield* failing(bundleOf(defineSchema("many.example.dev", { classes: many })))).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "schemaNodes" }
        })
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("refuses interfaces that are their own base, and origins that need one another (abuse 34)", () =>
    onKernel(
      Effect.gen(function* () {
        const cyclic = loose(bundle.contract)
        cyclic.interfaces.Greets.extends = [`${origin}:interface.Waves`]
        cyclic.interfaces.Waves.extends = [`${origin}:interface.Greets`]
        expect(yield* failing({ ...bundle, contract: cyclic, contractId: contractId(cyclic) })).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { cycle: expect.stringContaining(origin) }
        })
        yield* install(bundle)
        const other = bundleOf(defineSchema("other.example.dev", { classes: { X: nodeClass({}) } }))
        yield* install({ ...other, requires: [origin] })
        expect(yield* failing({ ...bundle, requires: ["other.example.dev"] })).toMatchObject({
          code: "SCHEMA_CONFLICT",
          details: { cycle: origin }
        })
      })
    )
  )

  it.effect("of one origin twice at once gives INSTALL_IN_PROGRESS to one of them", () =>
    onKernel(
      Effect.gen(function* () {
        const exits = yield* Effect.all([Effect.result(install(bundle)), Effect.result(install(bundle))], {
          concurrency: "unbounded"
        })
        expect(exits.map((exit) => (exit._tag === "Success" ? "installed" : exit.failure.code)).sort()).toEqual([
          "INSTALL_IN_PROGRESS",
          "installed"
        ])
        yield* install(bundle)
      })
    )
  )
})

describe("uninstall", () => {
  it.effect("takes the schema out and leaves owned folders, which the same origin gets back", () =>
    onKernel(
      Effect.gen(function* () {
        const { uninstall, installed } = yield* SchemaInstaller
        yield* install({ ...bundle, owns: ["/contacts"] })
        yield* create("/contacts/x")
        expect((yield* installed).map((domain) => domain.origin)).toEqual([origin])
        yield* uninstall(origin)
        expect(yield* installed).toEqual([])
        expect((yield* refused("/crm.example.dev::get")).code).toBe("NOT_FOUND")
        yield* get("/contacts/x")
        expect((yield* Effect.flip(create("/c", { class: D.Contact.ref }))).code).toBe("CLASS_NOT_FOUND")
        yield* install({ ...bundle, owns: ["/contacts"] })
        yield* create("/contacts/c", { class: D.Contact.ref, props: { email: "a" } })
      })
    )
  )

  it.effect("refuses what nodes or other domains still use, and what is not installed", () =>
    onKernel(
      Effect.gen(function* () {
        const { uninstall } = yield* SchemaInstaller
        yield* install(bundle)
        yield* create("/leaf", { class: D.Leaf.ref })
        expect(yield* Effect.flip(uninstall(origin))).toMatchObject({
          code: "SCHEMA_IN_USE",
          details: { orphaned: [{ subject: "class.Leaf", count: 1 }] }
        })
        yield* call("/leaf::delete")
        yield* install({
          ...bundleOf(defineSchema("other.example.dev", { classes: { X: nodeClass({}) } })),
          requires: [origin]
        })
        expect((yield* Effect.flip(uninstall(origin))).code).toBe("SCHEMA_IN_USE")
        yield* uninstall("other.example.dev")
        yield* uninstall(origin)
        expect((yield* Effect.flip(uninstall(origin))).code).toBe("NOT_FOUND")
        expect((yield* Effect.flip(uninstall(kernelOrigin))).code).toBe("NOT_FOUND")
      })
    )
  )
})

describe("installed", () => {
  it.effect("tells what the bundles said", () =>
    onKernel(
      Effect.gen(function* () {
        const { installed } = yield* SchemaInstaller
        const { domainId } = yield* install({
          ...bundle,
          version: "2.0.0",
          acts: { nodes: ["/projects"], perms: 3 },
          postInstall: "/:crm.example.dev:function.seed"
        })
        expect(yield* installed).toMatchObject([
          {
            origin,
            id: domainId,
            contractId: bundle.contractId,
            version: "2.0.0",
            acts: { nodes: ["/projects"], perms: 3 },
            postInstall: "/:crm.example.dev:function.seed"
          }
        ])
      })
    )
  )
})
