import { describe, expect, it } from "@effect/vitest"
import { K, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, get, grant, install, onKernel, user } from "../support/kernel.ts"
import { exported, imported } from "../support/transfer.ts"

const contact = (path: string, email: string, more: object = {}) => ({
  path,
  class: D.Contact.ref,
  props: { email },
  ...more
})

const failed = (
  file: Parameters<typeof imported>[0],
  params?: Parameters<typeof imported>[1],
  as?: Parameters<typeof imported>[2]
) => Effect.map(Effect.flip(imported(file, params, as)), (error) => error as PorticoError)

/** Ten rows in a transaction, where an instance has a thousand. */
const byTens = <A, E>(
  test: Effect.Effect<A, E, Parameters<typeof onKernel>[0] extends Effect.Effect<unknown, unknown, infer R> ? R : never>
) => onKernel(test, {}, [], { importRows: 10 })

const none = { created: 0, updated: 0, skipped: 0 }

describe("an import", () => {
  it.effect("makes nodes and edges of rows, which may name what is made before them", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const result = yield* imported([
          { path: "/c", class: K.Folder.ref },
          contact("/c/ada", "ada@example.dev"),
          { path: "/c/p", class: D.Project.ref, props: { title: "P" }, links: [] },
          { source: "/c/ada", target: "/c/p", class: D.works_on.ref, props: { role: "lead" } }
        ])
        expect(result).toEqual({
          dryRun: false,
          rows: 4,
          nodes: { ...none, created: 3 },
          edges: { ...none, created: 1 },
          failed: 0,
          errors: [],
          transactions: 1
        })
        expect((yield* get("/c/ada")).props).toEqual({ [D.Contact.email.key]: "ada@example.dev" })
        expect((yield* call("/c/ada::getLinks")).edges).toMatchObject([{ class: D.works_on.ref }])
        const again = yield* imported([contact("/c/ada", "ada@new.dev"), contact("/c/bob", "bob@example.dev")], {
          onConflict: "merge"
        })
        expect(again.nodes).toEqual({ created: 1, updated: 1, skipped: 0 })
        const same = yield* imported(
          [
            contact("/c/ada", "x@x.dev"),
            { source: "/c/ada", target: "/c/p", class: D.works_on.ref, props: { role: "x" } }
          ],
          { onConflict: "skip" }
        )
        expect([same.nodes, same.edges]).toEqual([
          { ...none, skipped: 1 },
          { ...none, skipped: 1 }
        ])
        const merged = yield* imported(
          [{ source: "/c/ada", target: "/c/p", class: D.works_on.ref, props: { role: "x" } }],
          { onConflict: "merge" }
        )
        expect(merged.edges).toEqual({ ...none, updated: 1 })
      })
    )
  )

  it.effect("of up to 1,000 rows is whole or not at all, and says which line is wrong", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        const before = yield* digest
        const error = yield* failed([
          contact("/c/ada", "ada@example.dev"),
          contact("/c/bob", "bob@example.dev"),
          { path: "/c/carl", class: D.Contact.ref, props: { emial: "x" } }
        ])
        expect(error.code).toBe("INVALID_PARAMS")
        expect(error.message).toMatch(/^line 3: .*emial.*did you mean email.*\(nothing was imported\)$/)
        expect(error.details).toMatchObject({ line: 3, column: "emial", imported: { transactions: 0 } })
        const twice = yield* failed([contact("/c/ada", "ada@example.dev"), contact("/c/bob", "ada@example.dev")])
        expect([twice.code, twice.details?.line]).toEqual(["CONSTRAINT_VIOLATED", 2])
        const orphan = yield* failed([contact("/c/ada", "ada@example.dev"), contact("/none/bob", "b@example.dev")])
        expect([orphan.code, orphan.details?.line]).toEqual(["NOT_FOUND", 2])
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("of more rows goes by transactions, stops at what is refused, and can be gone on with", () =>
    byTens(
      Effect.gen(function* () {
        yield* create("/c")
        const rows = Array.from({ length: 25 }, (_, n) => ({ path: `/c/n${n}`, class: K.Folder.ref }))
        const error = yield* failed(rows.with(21, { path: "/c/n1", class: K.Folder.ref }))
        expect([error.code, error.details?.line]).toEqual(["PATH_CONFLICT", 22])
        expect(error.message).toContain("lines up to 20 are imported")
        expect((yield* call("/c::countChildren")).count).toBe(20)
        const rest = yield* imported(rows, { onConflict: "skip" })
        expect(rest).toMatchObject({ nodes: { created: 5, skipped: 20 }, transactions: 3 })
        const many = Array.from({ length: 101 }, (_, n) => ({ path: `/c/m${n}`, class: K.Folder.ref }))
        const tooMany = yield* failed(many, { whole: true })
        expect([tooMany.code, tooMany.details?.limit]).toEqual(["LIMIT_EXCEEDED", "rows"])
        expect((yield* call("/c::countChildren")).count).toBe(25)
        expect(yield* imported(many.slice(1), { whole: true })).toMatchObject({ transactions: 1 })
      })
    )
  )

  it.effect("leaves out what is refused where it is asked to, tells of it, and halves nothing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        yield* create("/c/p", { class: D.Project.ref, props: { title: "P" } })
        const bad = contact("/c/bad", "bad@example.dev", {
          links: [
            { edgeClass: D.works_on.ref, target: "/c/p", props: { role: "x" } },
            { edgeClass: D.works_on.ref, target: "/c/none", props: { role: "x" } }
          ]
        })
        const result = yield* imported(
          [
            contact("/c/ada", "ada@example.dev"),
            bad,
            "no object",
            contact("/c/bad/below", "below@example.dev"),
            contact("/c/bob", "ada@example.dev"),
            contact("/c/carl", "carl@example.dev")
          ],
          { onError: "skip" }
        )
        expect(result).toMatchObject({ rows: 6, nodes: { created: 2 }, failed: 4 })
        expect(result.errors.map(({ code, line }) => [line, code])).toEqual([
          [2, "NOT_FOUND"],
          [3, "INVALID_BODY"],
          [4, "NOT_FOUND"],
          [5, "CONSTRAINT_VIOLATED"]
        ])
        expect((yield* call("/c::listChildren")).nodes.map(({ slug }: { slug: string }) => slug)).toEqual([
          "ada",
          "carl",
          "p"
        ])
        expect(yield* violations).toEqual([])
        expect((yield* call(K.Node.query.path, { start: { search: "bad" } })).start.nodes).toEqual([])
        const found = yield* call(K.Node.query.path, { start: { search: "carl" } })
        expect(found.start.nodes).toHaveLength(1)
      })
    )
  )

  it.effect("finds what it made below a node of which the first row was left out", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        // It is refused by its links, when it has been made.
        const links = [{ edgeClass: D.works_on.ref, target: "/none", props: { role: "x" } }]
        const rows = [contact("/c/bad", "bad@example.dev", { links }), contact("/c/ada", "ada@example.dev")]
        expect(yield* imported(rows, { onError: "skip" })).toMatchObject({ nodes: { created: 1 }, failed: 1 })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("that is tried changes nothing, and tells of everything that would be refused", () =>
    byTens(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        const before = yield* digest
        const result = yield* imported(
          [
            contact("/c/ada", "ada@example.dev"),
            contact("/c/ada/bob", "bob@example.dev"),
            contact("/c/carl", "ada@example.dev"),
            { path: "/c/x", class: "crm.example.dev:class.None" }
          ],
          { dryRun: true }
        )
        expect(result).toMatchObject({ dryRun: true, nodes: { created: 2 }, failed: 2, transactions: 0 })
        expect(result.errors.map(({ code, line }) => [line, code])).toEqual([
          [3, "CONSTRAINT_VIOLATED"],
          [4, "CLASS_NOT_FOUND"]
        ])
        expect(yield* digest).toBe(before)
        // What stands behind the rows that are tried is looked at for its form.
        const many = Array.from({ length: 102 }, (_, n) => ({ path: `/c/m${n}`, class: K.Folder.ref }))
        const long = yield* imported([...many, { path: "/c/z", class: K.Folder.ref, props: { nmae: "x" } }], {
          dryRun: true
        })
        expect(long).toMatchObject({ rows: 103, tried: 100, nodes: { created: 100 }, failed: 1 })
        expect(long.errors).toMatchObject([{ line: 103, column: "nmae" }])
        expect(yield* digest).toBe(before)
        expect((yield* imported([contact("/c/ada", "ada@example.dev")])).nodes.created).toBe(1)
      })
    )
  )

  it.effect(
    "that is tried lets others have their turns while it looks at what stands behind the rows that are tried",
    () =>
      onKernel(
        Effect.gen(function* () {
          const row = (n: number) => ({ path: `/m${n}`, class: K.Folder.ref })
          const bytes = Buffer.from(Array.from({ length: 6_000 }, (_, n) => `${JSON.stringify(row(n))}\n`).join(""))
          // Turns of somebody else since the last of the file was given away.
          let turns = 0
          const input = Stream.concat(
            Stream.make(bytes),
            Stream.fromEffectDrain(
              Effect.sync(() => {
                turns = 0
              })
            )
          )
          const other = yield* Effect.forkChild(
            Effect.forever(
              Effect.andThen(
                Effect.yieldNow,
                Effect.sync(() => turns++)
              )
            ),
            { startImmediately: true }
          )
          const kernel = yield* Kernel
          const { result } = yield* kernel.call(Authority.system, {
            path: K.Node.import.path,
            params: { dryRun: true },
            input
          })
          expect(result).toMatchObject({ rows: 6_000, tried: 3_000, failed: 0 })
          expect(turns).toBeGreaterThan(3)
          yield* Fiber.interrupt(other)
        }),
        {},
        [],
        { importRows: 300 }
      )
  )

  it.effect("changes nodes by their ids, wherever they are now", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        const { id } = yield* create("/c/ada", { class: D.Contact.ref, props: { email: "ada@example.dev" } })
        yield* create("/d")
        yield* call("/c/ada::move", { to: "/d" })
        const result = yield* imported(`id,class,company\r\n${id},${D.Contact.ref},ACME\r\n`, {
          by: "id",
          format: "csv"
        })
        expect(result.nodes).toEqual({ ...none, updated: 1 })
        expect((yield* get("/d/ada")).props).toMatchObject({ [D.Contact.company.key]: "ACME" })
        const other = yield* failed([{ id: "0198c0de-0000-7000-8000-000000000000", props: {} }], { by: "id" })
        expect(other.code).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("puts what a file has below another node, and leaves what leads out of it as it is", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/c")
        yield* create("/d")
        yield* create("/p", { class: D.Project.ref, props: { title: "P" } })
        yield* create("/c/ada", { class: D.Contact.ref, props: { email: "ada@example.dev" } })
        yield* create("/c/ada/x")
        yield* call("/c/ada::link", { edgeClass: D.works_on.ref, target: "/p", props: { role: "x" } })
        const file = yield* exported({ under: "/c/ada", edges: "all" })
        yield* call("/c/ada::delete", { recursive: true })
        yield* imported(file, { under: "/d" })
        expect((yield* call("/d::getTree")).nodes.map(({ path }: { path: string }) => path)).toEqual([
          "/d",
          "/d/ada",
          "/d/ada/x"
        ])
        expect((yield* call("/d/ada::getLinks", { with: "nodes" })).nodes).toMatchObject([{ path: "/p" }])
        yield* imported(
          [
            { slug: "own", class: K.Folder.ref },
            { path: "own/below", class: K.Folder.ref }
          ],
          { under: "/d" }
        )
        expect((yield* get("/d/own/below")).slug).toBe("below")
      })
    )
  )

  it.effect("may do what the caller may do alone, and nothing else", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/mine")
        yield* create("/hidden")
        yield* create("/seen")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/mine", ["READ", "EDIT"])
        yield* grant(ada.path, "/seen", ["READ"])
        yield* grant(ada.path, ada.path, ["READ", "EDIT"])
        const folder = (path: string) => ({ path, class: K.Folder.ref })
        expect((yield* imported([folder("/mine/x")], {}, ada.as)).nodes.created).toBe(1)
        expect((yield* failed([folder("/seen/x")], {}, ada.as)).code).toBe("PERMISSION_DENIED")
        const [hidden, missing] = [
          yield* failed([folder("/hidden/x")], {}, ada.as),
          yield* failed([folder("/none/x")], {}, ada.as)
        ]
        expect(hidden.message.replace("hidden", "none")).toBe(missing.message)
        expect(
          (yield* failed([{ source: ada.path, target: "/mine", class: K.has_perm.ref, props: {} }], {}, ada.as)).code
        ).toBe("CONSTRAINT_VIOLATED")
        // An id that somebody may still hold a credential for is not to be had.
        const chosen = yield* imported(
          [{ ...folder("/mine/y"), id: "0198c0de-0000-7000-8000-000000000000", rev: 7 }],
          {},
          ada.as
        )
        expect(chosen.nodes.created).toBe(1)
        expect((yield* get("/mine/y")).id).not.toBe("0198c0de-0000-7000-8000-000000000000")
        // Whoever may not create one by one may not by a file.
        yield* call("/identities/authenticated::revokePerm", {
          node: "/kernel.portico.dev/interface.Node",
          perms: ["USE"]
        })
        yield* grant(ada.path, "/kernel.portico.dev/interface.Node/import", ["USE"])
        expect((yield* failed([folder("/mine/z")], {}, ada.as)).code).toBe("PERMISSION_DENIED")
      })
    )
  )
})
