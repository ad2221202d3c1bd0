import { assert, describe, it } from "@effect/vitest"
import type { GraphClient } from "@portico/client"
import { callerOnly, defineDomain, defineRemoteFunction, type FunctionContext } from "@portico/domain"
import {
  ALL,
  defineSchema,
  EDIT,
  type FnDef,
  isCancelled,
  isPermissionDenied,
  K,
  type PorticoError,
  READ,
  USE
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { start } from "./product.ts"

/** What a domain's code does with what it is given; each test writes its own. */
type Body = (context: FunctionContext<FnDef>) => Promise<unknown>

/** A domain with one function, `run`, whose body the test decides on. */
const probe = (
  origin: string,
  body: Body,
  options: {
    readonly acts?: { readonly nodes: ReadonlyArray<string>; readonly perms: number }
    readonly owns?: ReadonlyArray<string>
    readonly callerOnly?: boolean
  } = {}
) => {
  const run = defineRemoteFunction({
    returns: Schema.Json,
    ...(options.callerOnly === true ? { authorize: callerOnly } : undefined),
    execute: async (context) => ((await body(context)) ?? null) as Schema.Json
  })
  return defineDomain({
    schema: defineSchema(origin, {}),
    functions: { run },
    ...(options.acts === undefined ? undefined : { acts: options.acts }),
    ...(options.owns === undefined ? undefined : { owns: options.owns })
  })
}

const runOf = (origin: string) => `/:${origin}:function.run`

/** The code of a refusal, or `allowed`. */
const tried = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "allowed",
    (error: PorticoError) => error.code
  )

describe("an administrator who calls a hostile domain's function (abuse 61)", () => {
  it.effect("gives it no SHARE, and nothing beyond the acts that it declares", () =>
    Effect.gen(function* () {
      let seen: Record<string, string> = {}
      const hostile = probe(
        "hostile.example.dev",
        async ({ auth, caller, kernel, selfKernel }) => {
          const me = auth.principal.path
          const attempt = async (graph: GraphClient, prefix: string) => ({
            [`${prefix} read inside`]: await tried(graph.get("/projects/apollo")),
            [`${prefix} edit inside`]: await tried(graph.update("/projects/apollo", { props: { name: "changed" } })),
            [`${prefix} share inside`]: await tried(
              graph.grant("/:hostile.example.dev", { node: "/projects/apollo", perms: READ })
            ),
            [`${prefix} read outside`]: await tried(graph.get("/secrets/one")),
            [`${prefix} edit outside`]: await tried(graph.update("/secrets/one", { props: { name: "changed" } })),
            [`${prefix} make at the root`]: await tried(graph.create(K.Folder, { path: "/mine" })),
            [`${prefix} grant itself root`]: await tried(
              graph.grant("/:hostile.example.dev", { node: "/", perms: ALL })
            ),
            [`${prefix} grant its caller more`]: await tried(graph.grant(me, { node: "/", perms: ALL })),
            [`${prefix} install`]: await tried(
              graph.call("/:kernel.portico.dev:class.Domain:install", { local: "hostile.example.dev" })
            ),
            [`${prefix} uninstall`]: await tried(
              graph.call("/:kernel.portico.dev:class.Domain:uninstall", { origin: "hostile.example.dev" })
            )
          })
          seen = {
            ...(await attempt(kernel, "kernel")),
            ...(await attempt(caller, "caller")),
            ...(await attempt(selfKernel(), "self"))
          }
        },
        { acts: { nodes: ["/projects"], perms: READ | EDIT | USE } }
      )
      const { admin, system } = yield* start({ bundled: [hostile] })
      yield* system.create(K.Folder, { path: "/projects" })
      yield* system.create(K.Folder, { path: "/projects/apollo", props: { name: "Apollo" } })
      yield* system.create(K.Folder, { path: "/secrets" })
      yield* system.create(K.Folder, { path: "/secrets/one", props: { name: "one" } })
      yield* (yield* admin).graph.call(runOf("hostile.example.dev"))
      const allowed = Object.keys(seen).filter((what) => seen[what] === "allowed")
      assert.deepStrictEqual(allowed.sort(), [
        "caller edit inside",
        "caller read inside",
        "kernel edit inside",
        "kernel read inside"
      ])
      assert.lengthOf(Object.keys(seen), 30)
      assert.strictEqual(seen["kernel install"], "PERMISSION_DENIED")
    }).pipe(Effect.scoped)
  )

  it.effect("gives nothing at all to one that declares no acts", () =>
    Effect.gen(function* () {
      let seen: Record<string, string> = {}
      const hostile = probe("hostile.example.dev", async ({ caller, kernel }) => {
        seen = { kernel: await tried(kernel.get("/projects")), caller: await tried(caller.get("/projects")) }
      })
      const { admin, system } = yield* start({ bundled: [hostile] })
      yield* system.create(K.Folder, { path: "/projects" })
      yield* (yield* admin).graph.call(runOf("hostile.example.dev"))
      assert.notInclude(Object.values(seen), "allowed")
    }).pipe(Effect.scoped)
  )

  it.effect("leaves it with nothing when the call is over", () =>
    Effect.gen(function* () {
      let kept: ReadonlyArray<GraphClient> = []
      const hostile = probe(
        "hostile.example.dev",
        async ({ caller, kernel, selfKernel }) => {
          kept = [kernel, caller, selfKernel()]
          await kernel.get("/")
        },
        { acts: { nodes: ["/"], perms: READ } }
      )
      const { admin } = yield* start({ bundled: [hostile] })
      yield* (yield* admin).graph.call(runOf("hostile.example.dev"))
      assert.lengthOf(kept, 3)
      for (const graph of kept) assert.isTrue(isCancelled(yield* Effect.flip(graph.effect.get("/"))))
    }).pipe(Effect.scoped)
  )

  it.effect("takes it back from a call that is under way, too: its next operation is refused (abuse 21)", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      let revoke: Effect.Effect<unknown, unknown> = Effect.void
      const body: Body = async ({ caller, kernel }) => {
        seen.push(await tried(caller.get("/projects")), await tried(kernel.get("/projects")))
        await Effect.runPromise(revoke)
        seen.push(await tried(caller.get("/projects")), await tried(kernel.update("/projects", { props: {} })))
      }
      const slow = probe("slow.example.dev", body, { acts: { nodes: ["/projects"], perms: READ | EDIT } })
      const { system, user } = yield* start({ bundled: [slow] })
      yield* system.create(K.Folder, { path: "/projects" })
      const ada = yield* user("ada", { "/projects": READ | EDIT })
      revoke = system.revoke("/identities/ada", { node: "/projects", perms: ALL })
      yield* ada.graph.call(runOf("slow.example.dev"))
      assert.deepStrictEqual(seen, ["allowed", "allowed", "NOT_FOUND", "NOT_FOUND"])
    }).pipe(Effect.scoped)
  )

  it.effect("hands its own authority on, and not the function's, when that calls another origin", () =>
    Effect.gen(function* () {
      const seen: Record<string, string> = {}
      const second = probe(
        "second.example.dev",
        async ({ auth, caller, kernel }) => {
          seen.principal = auth.principal.path
          seen["caller reads what the first owns"] = await tried(caller.get("/first/private"))
          seen["kernel reads what the first owns"] = await tried(kernel.get("/first/private"))
          seen["caller reads what both may"] = await tried(caller.get("/shared"))
          seen["caller reads what only the first may act on"] = await tried(caller.get("/other"))
        },
        { acts: { nodes: ["/shared", "/first"], perms: READ } }
      )
      const first = probe(
        "first.example.dev",
        async ({ kernel, selfKernel }) => {
          await selfKernel().create(K.Folder, { path: "/first/private", onConflict: "skip" })
          await kernel.call(runOf("second.example.dev"))
        },
        { acts: { nodes: ["/shared", "/other"], perms: READ | USE }, owns: ["/first"] }
      )
      const { system, user } = yield* start({ bundled: [first, second] })
      yield* system.create(K.Folder, { path: "/shared" })
      yield* system.create(K.Folder, { path: "/other" })
      const ada = yield* user("ada", { "/shared": READ, "/other": READ })
      yield* ada.graph.call(runOf("first.example.dev"))
      assert.deepStrictEqual(seen, {
        principal: "/identities/ada",
        "caller reads what the first owns": "NOT_FOUND",
        "kernel reads what the first owns": "NOT_FOUND",
        "caller reads what both may": "allowed",
        "caller reads what only the first may act on": "NOT_FOUND"
      })
    }).pipe(Effect.scoped)
  )

  it.effect("carries nothing of the function's own when that calls on for itself", () =>
    Effect.gen(function* () {
      const seen: Record<string, string> = {}
      const second = probe(
        "second.example.dev",
        async ({ auth, caller, kernel }) => {
          seen.principal = auth.principal.path
          seen.caller = await tried(caller.get("/first"))
          seen.kernel = await tried(kernel.get("/first"))
        },
        { acts: { nodes: ["/"], perms: READ | EDIT | USE } }
      )
      const first = probe("first.example.dev", ({ selfKernel }) => selfKernel().call(runOf("second.example.dev")), {
        owns: ["/first"]
      })
      const { admin } = yield* start({ bundled: [first, second] })
      yield* (yield* admin).graph.call(runOf("first.example.dev"))
      assert.strictEqual(seen.principal, "/first.example.dev/core/functions/run")
      assert.notInclude([seen.caller, seen.kernel], "allowed")
    }).pipe(Effect.scoped)
  )
})

describe("a caller of little standing, through a function that may do more (abuse 17)", () => {
  const vault = (options: { readonly callerOnly?: boolean }) =>
    probe("vault.example.dev", async ({ kernel }) => (await kernel.get("/vault/one")).path, {
      owns: ["/vault"],
      acts: { nodes: ["/"], perms: READ },
      ...options
    })

  const calledBy = (options: { readonly callerOnly?: boolean }, perms: Readonly<Record<string, number>>) =>
    Effect.gen(function* () {
      const { system, user } = yield* start({ bundled: [vault(options)] })
      yield* system.create(K.Folder, { path: "/vault/one" })
      const ada = yield* user("ada", perms)
      return yield* Effect.result(ada.graph.call(runOf("vault.example.dev")))
    }).pipe(Effect.scoped)

  it.effect("reads what the function was granted, where the function lends itself to that", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* calledBy({}, {}), Result.succeed("/vault/one"))
    })
  )

  it.effect("is refused what it could not read alone, where the function says callerOnly", () =>
    Effect.gen(function* () {
      const refused = yield* calledBy({ callerOnly: true }, {})
      assert.isTrue(Result.isFailure(refused) && refused.failure.code === "NOT_FOUND")
      assert.deepStrictEqual(yield* calledBy({ callerOnly: true }, { "/vault": READ }), Result.succeed("/vault/one"))
    })
  )

  it.effect("needs USE on the function", () =>
    Effect.gen(function* () {
      const closed = defineDomain({
        schema: defineSchema("closed.example.dev", {}),
        functions: { run: defineRemoteFunction({ execute: () => undefined }) },
        grants: { authenticated: READ }
      })
      const { user } = yield* start({ bundled: [closed] })
      const ada = yield* user("ada")
      assert.isTrue(isPermissionDenied(yield* Effect.flip(ada.graph.call(runOf("closed.example.dev")))))
    }).pipe(Effect.scoped)
  )
})

describe("postInstall (abuse 19)", () => {
  it.effect("has what the domain owns and was granted, and nothing else", () =>
    Effect.gen(function* () {
      const seen: Record<string, string> = {}
      const neighbour = probe("neighbour.example.dev", async ({ caller, kernel }) => {
        seen["neighbour reads the caller's folder"] = await tried(caller.get("/mine"))
        seen["neighbour as both"] = await tried(kernel.get("/mine"))
      })
      const seed = defineRemoteFunction({
        execute: async ({ auth, caller, kernel, selfKernel }) => {
          const self = selfKernel()
          seen.principal = auth.principal.path
          for (const [name, graph] of Object.entries({ kernel, caller, self })) {
            seen[`${name} makes in its folder`] = await tried(graph.create(K.Folder, { path: `/mine/${name}` }))
            seen[`${name} makes elsewhere`] = await tried(graph.create(K.Folder, { path: `/elsewhere-${name}` }))
            seen[`${name} grants itself root`] = await tried(
              graph.grant("/:seed.example.dev", { node: "/", perms: ALL })
            )
            seen[`${name} edits the kernel's schema`] = await tried(
              graph.update("/:kernel.portico.dev", { props: { name: "mine" } })
            )
            seen[`${name} edits its own schema`] = await tried(
              graph.update("/:seed.example.dev", { props: { name: "mine" } })
            )
            seen[`${name} makes an operator`] = await tried(graph.create(K.User, { path: "/identities/mine" }))
            seen[`${name} installs`] = await tried(
              graph.call("/:kernel.portico.dev:class.Domain:install", { local: "neighbour.example.dev" })
            )
          }
          seen["calls its neighbour"] = await tried(self.call(runOf("neighbour.example.dev")))
        }
      })
      const seeded = defineDomain({
        schema: defineSchema("seed.example.dev", {}),
        functions: { seed },
        owns: ["/mine"],
        postInstall: seed
      })
      const { settled } = yield* start({ bundled: [neighbour, seeded] })
      yield* settled
      const { principal, ...rest } = seen
      assert.strictEqual(principal, "/seed.example.dev")
      assert.deepStrictEqual(
        Object.keys(rest)
          .filter((what) => rest[what] === "allowed")
          .sort(),
        ["calls its neighbour", "kernel makes in its folder", "self makes in its folder"]
      )
      assert.lengthOf(Object.keys(rest), 24)
    }).pipe(Effect.scoped)
  )
})

describe("who is recorded", () => {
  it.effect("as the caller of a function is whoever showed a credential", () =>
    Effect.gen(function* () {
      const who = probe("who.example.dev", async ({ auth }) => ({ ...auth.principal, claims: auth.claims.sub }))
      const { user } = yield* start({ bundled: [who] })
      const ada = yield* user("ada")
      assert.deepStrictEqual(yield* ada.graph.call(runOf("who.example.dev")), {
        id: ada.id,
        path: "/identities/ada",
        class: "kernel.portico.dev:class.User",
        name: "ada",
        claims: ada.id
      })
    }).pipe(Effect.scoped)
  )
})
