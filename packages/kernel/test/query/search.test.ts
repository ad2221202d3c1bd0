import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { defineSchema, K, nodeClass, nodeInterface, type QueryStart, type SearchOptions } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type Authority, Kernel, kernelLayer, SchemaInstaller } from "../../src/index.ts"
import { tierOf, wordingOf, wordsOf } from "../../src/internal/query/words.ts"
import { bundleOf } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import {
  call,
  create,
  database,
  digest,
  extensions,
  grant,
  install,
  onKernel,
  onServer,
  refused,
  user
} from "../support/kernel.ts"
import { T, things } from "../support/things.ts"

const slugs = (start: QueryStart, as?: Authority) =>
  Effect.map(call(K.Node.query.path, { start }, as), (answer) =>
    answer.start.nodes.map((id: string) => answer.nodes[id].slug)
  )

const thing = (path: string, props: object) => create(path, { class: T.Indexed.ref, props })

describe("the words of a text", () => {
  it("are its letters and digits, without case and accents; some scripts are parted by character", () => {
    expect(wordsOf(["Crème  BRÛLÉE, crème; x-ray 3.14 ﬁne"])).toEqual([
      "creme",
      "brulee",
      "x",
      "ray",
      "3",
      "14",
      "fine"
    ])
    expect(wordsOf(["東京タワー ok"])).toEqual(["東", "京", "タ", "ワ", "ー", "ok"])
    expect(wordsOf(['"a" OR NOT(b) *:^{c}', "_\u0000-"])).toEqual(["a", "or", "not", "b", "c"])
    expect(wordsOf(["x".repeat(100)])).toEqual(["x".repeat(64)])
    expect(wordsOf([Array.from({ length: 3_000 }, (_, i) => `w${i}`).join(" ")])).toHaveLength(2_000)
  })

  it("are the same in a text of ASCII, by itself and in one with an accent", () => {
    for (const text of ["A b1-c  d_e", "", "...", "x".repeat(100), "1.5e3 OR NOT"]) {
      expect(wordsOf([`${text} é`])).toEqual(
        [...wordsOf([text]), "e"].filter((each, i, all) => all.indexOf(each) === i)
      )
    }
  })

  it("are better in a title than elsewhere, and whole than begun", () => {
    const node = {
      id: "1",
      slug: "1",
      props: { "a:class.X.property.title": "Ada Lovelace", "a:class.X.property.text": "the first" }
    }
    const wording = wordingOf(node)
    expect(
      [["ada"], ["love", "ada"], ["ada", "fir"], ["none"], ["ada", "none"]].map((words) => tierOf(words, wording))
    ).toEqual([1, 2, 3, undefined, undefined])
  })
})

const vocabulary = ["ada", "adam", "Ädam", "love", "lovelace", "OR", "x1", "1"] as const
const Word = Schema.Literals(vocabulary)
const Text = Schema.Array(Word).check(Schema.isMaxLength(3))
const Made = Schema.Struct({ name: Text, tags: Text, at: Schema.Literals([0, 1, 2, 3]), moved: Schema.Boolean })

/** By the letter: every word begins a word; titles before the rest, whole words before begun ones, the latest first. */
const naive = (made: ReadonlyArray<typeof Made.Type>, given: ReadonlyArray<string>, seen: (at: number) => boolean) => {
  const fold = (text: string) => text.toLowerCase().replaceAll("ä", "a")
  const words = given.map(fold)
  const all = made.map(({ at, name, tags }, i) => {
    const title = [...name.map(fold), `t${i}`]
    const body = [...title, ...tags.map(fold)]
    const begun = (among: ReadonlyArray<string>) => words.every((word) => among.some((each) => each.startsWith(word)))
    const tier = words.every((word) => title.includes(word)) ? 1 : begun(title) ? 2 : begun(body) ? 3 : 4
    return { i, tier, at }
  })
  const found = all.filter(({ at, tier }) => tier < 4 && seen(at))
  return found.sort((a, b) => a.tier - b.tier || b.i - a.i).map(({ i }) => `t${i}`)
}

describe("search", () => {
  it.effect.prop(
    "finds in every subtree that may be read just what looking at all texts would, best first, page by page",
    [
      Schema.Array(Made).check(Schema.isMaxLength(14)),
      Schema.Array(Text).check(Schema.isMinLength(3), Schema.isMaxLength(6))
    ],
    ([made, searches]) =>
      onKernel(
        Effect.gen(function* () {
          yield* install(things)
          const folders = ["/f0", "/f0/f1", "/f2", "/f3"]
          for (const folder of folders) yield* create(folder)
          for (const [i, { at, moved, name, tags }] of made.entries()) {
            const here = `${folders[moved ? (at + 1) % 4 : at]}/t${i}`
            yield* thing(here, moved ? { name: "other" } : { name: name.join(" "), tags: [...tags] })
            if (moved) {
              yield* call(`${here}::move`, { to: folders[at] })
              yield* call(`${folders[at]}/t${i}::update`, { props: { name: name.join("-"), tags: [tags.join(" ")] } })
            }
          }
          const ada = yield* user("ada")
          yield* grant(ada.path, "/f0", 1)
          yield* grant(ada.path, "/f2", 6)
          for (const words of searches) {
            const pages = Effect.fnUntraced(function* (as: Authority | undefined, limit: number) {
              const found: Array<string> = []
              let cursor: string | undefined
              do {
                const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
                const start = { search: words.join(" "), class: T.Indexed.ref, page, count: true }
                const answer = yield* call(K.Node.query.path, { start }, as)
                found.push(...answer.start.nodes.map((id: string) => answer.nodes[id].slug))
                cursor = answer.start.next
                if (cursor === undefined) expect(answer.start.count).toBe(found.length)
              } while (cursor !== undefined)
              return found
            })
            const [all, some] = [
              naive(made, words, () => words.length > 0),
              naive(made, words, (at) => at < 2 && words.length > 0)
            ]
            expect(yield* pages(undefined, 3)).toEqual(all)
            expect(yield* pages(ada.as, 2)).toEqual(some)
          }
        })
      ),
    { arbitrary: { runs: onServer ? 12 : 30 }, timeout: 300_000 }
  )

  it.effect("takes operators, quotes, columns and SQL as the words that are in them (abuse 35)", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* thing("/a", { name: "alpha beta" })
        yield* thing("/b", { name: "or not near title" })
        const before = yield* digest
        const attacks = [
          '"',
          "'",
          "*",
          "alpha*",
          "alpha OR",
          "NOT beta",
          "title : alpha",
          "{title body} : x",
          "^alpha",
          "a + b",
          "(",
          ")",
          "NEAR(alpha beta)",
          '"alpha" AND "',
          "'; DROP TABLE node_text; --",
          "-",
          "\u0000",
          "%",
          "alpha\u0000beta",
          "{",
          ":",
          "(a+)+$",
          ")) OR 1=1 --"
        ]
        for (const search of attacks) {
          const found = yield* slugs({ search, class: T.Indexed.ref })
          for (const slug of found) expect(["a", "b"]).toContain(slug)
        }
        expect(yield* slugs({ search: '"alpha" AND' })).toEqual([])
        expect(yield* slugs({ search: "NOT or" })).toEqual(["b"])
        expect(yield* slugs({ search: "title" })).toEqual(["b"])
        expect(yield* slugs({ search: " ; " })).toEqual([])
        const many = Array.from({ length: 17 }, (_, i) => `w${i}`).join(" ")
        expect(yield* refused(K.Node.query.path, { start: { search: many } })).toMatchObject({
          code: "LIMIT_EXCEEDED",
          details: { limit: "words", max: 16 }
        })
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("goes with a class, a where, an order and a place", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(things)
        yield* create("/in", { props: { description: "word" } })
        for (const [i, path] of ["/in/x", "/in/y", "/z"].entries()) yield* thing(path, { name: "word", age: i })
        expect(yield* slugs({ search: "word" })).toEqual(["z", "y", "x", "in"])
        expect(yield* slugs({ search: "word", under: "/in" })).toEqual(["y", "x"])
        expect(yield* slugs({ search: "word", class: K.Folder.ref })).toEqual(["in"])
        yield* call("/z::move", { to: "/in" })
        expect(yield* slugs({ search: "word", under: "/in" })).toEqual(["z", "y", "x"])
        yield* call("/in/z::move", { to: "/" })
        expect(yield* slugs({ search: "word", under: "/in" })).toEqual(["y", "x"])
        expect(yield* slugs({ search: "word", class: T.Indexed.ref, where: { age: { lt: 2 } } })).toEqual(["y", "x"])
        const ordered = { search: "word", class: T.Indexed.ref, order: [["age", "asc"]] } as const
        expect(yield* slugs(ordered)).toEqual(["x", "y", "z"])
        const { start } = yield* call(K.Node.query.path, { start: { ...ordered, page: { limit: 2 } } })
        expect(yield* slugs({ ...ordered, page: { limit: 2, cursor: start.next } })).toEqual(["z"])
        const other = { ...ordered, search: "wor", page: { cursor: start.next } }
        expect((yield* refused(K.Node.query.path, { start: other })).code).toBe("CURSOR_INVALID")
      })
    )
  )

  it.effect("finds what an older version wrote, once it is opened", () =>
    Effect.gen(function* () {
      const open = kernelLayer().pipe(Layer.provide(extensions()))
      yield* Effect.provide(
        Effect.gen(function* () {
          yield* install(things)
          yield* thing("/a", { name: "alpha" })
        }),
        open,
        { local: true }
      )
      const { dialect, write } = yield* Database
      const forgetWords =
        dialect === "sqlite" ? "INSERT INTO node_text (node_text) VALUES ('delete-all')" : "DELETE FROM node_text"
      yield* write((tx) =>
        Effect.sync(() => {
          tx.exec(forgetWords)
          tx.exec("DELETE FROM kernel_meta WHERE name = 'findable'")
        })
      )
      yield* Effect.provide(
        Effect.gen(function* () {
          yield* Kernel
          expect(yield* slugs({ search: "alpha" })).toEqual(["a"])
          expect(yield* slugs({ search: "class" })).toEqual([])
        }),
        open,
        { local: true }
      )
    }).pipe(Effect.provide(database, { local: true }))
  )

  it.effect("looks at the properties that a class names, and anew where a version names others", () =>
    onKernel(
      Effect.gen(function* () {
        const Coded = nodeInterface({ props: { code: Schema.optional(Schema.String) } })
        const props = { sku: Schema.String, name: Schema.optional(Schema.String), note: Schema.optional(Schema.String) }
        const version = (search?: SearchOptions) => {
          const Ware = nodeClass({ props, implements: [Coded], ...(search === undefined ? {} : { search }) })
          return bundleOf(defineSchema("wares.example.dev", { interfaces: { Coded }, classes: { Ware } }))
        }
        const ware = (path: string, given: object) =>
          create(path, { class: "wares.example.dev:class.Ware", props: given })
        const chosen = version({ title: ["sku"], text: ["code", "note"] })
        yield* install(chosen)
        yield* ware("/one", { sku: "alpha", name: "hidden", note: "beta" })
        yield* ware("/two", { sku: "gamma", name: "hidden", code: "alpha" })
        yield* create("/hidden")
        expect(yield* slugs({ search: "alpha" })).toEqual(["one", "two"])
        expect(yield* slugs({ search: "beta" })).toEqual(["one"])
        expect(yield* slugs({ search: "two" })).toEqual(["two"])
        expect(yield* slugs({ search: "hidden" })).toEqual(["hidden"])
        const ada = yield* user("ada")
        for (const path of ["/one", "/two"]) yield* grant(ada.path, path, ["READ"])
        expect(yield* slugs({ search: "alpha" }, ada.as)).toEqual(["one", "two"])
        expect(yield* slugs({ search: "hidden" }, ada.as)).toEqual([])
        yield* call("/one::update", { props: { name: "other", note: "delta" } })
        expect(yield* slugs({ search: "delta" })).toEqual(["one"])
        expect(yield* slugs({ search: "other" })).toEqual([])
        expect(yield* violations).toEqual([])
        const { sku, ...others } = props
        const Renamed = nodeClass({
          props: { ...others, number: sku },
          renamedProps: { number: "sku" },
          implements: [Coded],
          search: { title: ["number"], text: ["code", "note"] }
        })
        yield* install(
          bundleOf(defineSchema("wares.example.dev", { interfaces: { Coded }, classes: { Ware: Renamed } }))
        )
        yield* call("/one::update", { props: { number: "epsilon" } })
        expect(yield* slugs({ search: "epsilon" })).toEqual(["one"])
        expect(yield* violations).toEqual([])
        yield* install(chosen)
        const plan = yield* Effect.flatMap(SchemaInstaller, (installer) => installer.plan(version()))
        expect(plan).toMatchObject({ changed: ["class.Ware"], breaking: [] })
        yield* install(version())
        expect(yield* slugs({ search: "other" })).toEqual(["one"])
        yield* install(version({}))
        expect(yield* slugs({ search: "gamma" })).toEqual([])
        expect(yield* slugs({ search: "one" })).toEqual(["one"])
        expect(yield* violations).toEqual([])
      })
    )
  )
})
