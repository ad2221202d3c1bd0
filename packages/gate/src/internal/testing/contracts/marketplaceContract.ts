import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Marketplace } from "../../../contracts/Marketplace.ts"
import {
  MarketplaceError,
  type MarketplaceReason,
  type MarketplaceSearch,
  type MarketplaceService
} from "../../../contracts/MarketplaceSource.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"
import { sampleCatalogue } from "./sampleCatalogue.ts"

const crm = "crm.example.dev"
const mail = "mail.example.dev"
const old = "old.example.dev"

/** What is found of {@link sampleCatalogue}, by what is looked for. */
const searches: ReadonlyArray<readonly [name: string, search: MarketplaceSearch, found: ReadonlyArray<string>]> = [
  ["nothing in particular, and what is yanked altogether is left out", {}, [crm, mail]],
  ["a word of the name, in any case", { text: "CRM.example" }, [crm]],
  ["a word of the title", { text: "mail" }, [mail]],
  ["a word of the description", { text: "letters" }, [mail]],
  ["words that are all there, in whatever order and place", { text: "  team  sales crm " }, [crm]],
  ["words that are not all there", { text: "team letters" }, []],
  ["a tag", { tags: ["contacts"] }, [crm, mail]],
  ["tags that are all there", { tags: ["contacts", "sales"] }, [crm]],
  ["a piece of a tag, which is none", { tags: ["contact"] }, []],
  ["an interface", { interfaces: ["mail.example.dev:interface.Recipient"] }, [crm, mail]],
  [
    "interfaces that are all implemented",
    { interfaces: ["crm.example.dev:interface.Contact"], tags: ["contacts"] },
    [crm]
  ],
  ["no more than asked for", { limit: 1 }, [crm]]
]

/**
 * What every provider of `Marketplace` must do over sources that have `sampleCatalogue` and nothing else, as checks for
 * any test runner. Those who write a source run it with `Marketplace.ofSources`.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { FakeMarketplace, marketplaceContract } from "@portico/gate/testing"
 *
 * for (const { check, name } of marketplaceContract(FakeMarketplace.layer)) it.effect(name, () => check)
 * ```
 */
export const marketplaceContract = <E>(layer: Layer.Layer<Marketplace, E>): ReadonlyArray<ContractCheck> => {
  const suite = makeSuite(Marketplace, layer)
  const test = (
    name: string,
    body: (marketplace: MarketplaceService, source: string) => Effect.Effect<void, unknown>
  ) =>
    suite.test(name, (marketplace) =>
      Effect.flatMap(marketplace.sources, ([source, ...others]) => {
        assert.ok(source !== undefined && others.length === 0, "there is one source")
        assert.notEqual(source.title, "")
        return body(marketplace, source.id)
      })
    )
  const refused = (work: Effect.Effect<unknown, MarketplaceError>, reason: MarketplaceReason, status: number) =>
    Effect.map(Effect.flip(work), (error) => {
      assert.ok(error instanceof MarketplaceError)
      assert.deepEqual([error.reason, error.status], [reason, status])
    })

  for (const [name, search, found] of searches) {
    test(`a search for ${name}`, (marketplace, source) =>
      Effect.gen(function* () {
        const here = yield* marketplace.search({ ...search, source })
        assert.deepEqual(
          here.entries.map((entry) => entry.name),
          found
        )
        assert.deepEqual(yield* marketplace.search(search), here)
        assert.deepEqual(here.problems, [])
      }))
  }

  test("an entry says what it is, where it is, and which version one should take", ({ entry }, source) =>
    Effect.gen(function* () {
      for (const { versions: _, ...said } of sampleCatalogue) {
        const { latest, ...found } = yield* entry({ source, name: said.name })
        assert.deepEqual(found, { source, ...said })
        assert.equal(latest, { [crm]: "1.10.0", [mail]: "0.1.0-alpha" }[said.name])
      }
    }))

  test("versions are there from the highest to the lowest, with what they need and which are yanked", (market, source) =>
    Effect.gen(function* () {
      const found = yield* market.versions({ source, name: crm })
      assert.deepEqual(
        found.map(({ requires, version, yanked }) => [version, requires, yanked]),
        [
          ["2.0.0-beta.1", {}, false],
          ["1.11.0", {}, true],
          ["1.10.0", { "mail.example.dev": "^0.1.0-alpha" }, false],
          ["1.9.0", {}, false]
        ]
      )
    }))

  test("a package is what was published, yanked or not", ({ fetch }, source) =>
    Effect.gen(function* () {
      for (const { name, versions } of sampleCatalogue) {
        for (const { bytes, digest, version } of versions) {
          const found = yield* fetch({ source, name, version })
          assert.deepEqual(found.artifact, { digest, size: bytes.length })
          assert.deepEqual(Buffer.from(found.bytes), Buffer.from(bytes))
        }
      }
    }))

  test("what is not there is not found", ({ entry, fetch, search, versions }, source) =>
    Effect.gen(function* () {
      const nothing = { source, name: "nothing.example.dev" }
      const nowhere = { source: "nowhere", name: old }
      for (const address of [nothing, nowhere]) {
        yield* refused(entry(address), "NotFound", 404)
        yield* refused(versions(address), "NotFound", 404)
        yield* refused(fetch({ ...address, version: "1.0.0" }), "NotFound", 404)
      }
      yield* refused(fetch({ source, name: crm, version: "1.0.0" }), "NotFound", 404)
      yield* refused(search({ source: "nowhere" }), "NotFound", 404)
    }))

  test("a search for none, or for too many, is refused", ({ search }) =>
    Effect.gen(function* () {
      for (const limit of [0, 201, 1.5, Number.NaN]) yield* refused(search({ limit }), "Invalid", 400)
      yield* refused(search({ text: "x".repeat(501) }), "Invalid", 400)
    }))

  return suite.checks
}
