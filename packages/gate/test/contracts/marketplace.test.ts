import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Gateway } from "../../src/index.ts"
import {
  Marketplace,
  MarketplaceError,
  type MarketplaceSource,
  MarketplaceSources,
  parseMarketplaceManifest
} from "../../src/marketplace.ts"
import { FakeMarketplace, GatewayTest, marketplaceContract, sampleCatalogue } from "../../src/testing.ts"

describe("the Marketplace in memory", () => {
  for (const { check, name } of marketplaceContract(FakeMarketplace.layer)) it.effect(name, () => check)
})

const crm = "crm.example.dev"

const over = (...sources: ReadonlyArray<MarketplaceSource>) => Marketplace.ofSources(() => sources)

describe("a marketplace over sources", () => {
  it.effect("has what the modules of a product contribute", () =>
    Effect.gen(function* () {
      const market = Gateway.module.define({
        id: "market",
        displayName: "Market",
        provides: [Marketplace],
        layer: Marketplace.layer
      })
      const shop = (id: string) =>
        Gateway.module.define({
          id,
          displayName: id,
          contributes: [MarketplaceSources.of(FakeMarketplace.source(sampleCatalogue, id))]
        })
      const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [market, shop("a"), shop("b")] })
      const { search, sources } = yield* Effect.flatMap(GatewayTest.make(product), ({ get }) => get(Marketplace))
      expect((yield* sources).map(({ id }) => id)).toEqual(["a", "b"])
      const { entries } = yield* search({ text: "crm" })
      expect(entries.map(({ name, source }) => [name, source])).toEqual([
        [crm, "a"],
        [crm, "b"]
      ])
    })
  )

  it.effect("gives what it can where one of its sources does not answer, and says which", () =>
    Effect.gen(function* () {
      const error = new MarketplaceError({ reason: "Unavailable", message: "no" })
      const silent = { ...FakeMarketplace.source([], "silent"), entries: Effect.fail(error) }
      const { search } = over(silent, FakeMarketplace.source(sampleCatalogue))
      const { entries, problems } = yield* search({ text: "crm" })
      expect(entries.length).toBe(1)
      expect(problems).toEqual([{ source: "silent", error }])
    })
  )

  it.effect("gives no package that is not what its digest says, be it changed, cut off or longer", () =>
    Effect.gen(function* () {
      const source = FakeMarketplace.source(sampleCatalogue)
      for (const text of ["crm 1.9.1", "crm 1.9", "crm 1.9.0 and more", ""]) {
        const changed = { ...source, fetch: () => Effect.succeed(new TextEncoder().encode(text)) }
        const error = yield* Effect.flip(over(changed).fetch({ source: "fake", name: crm, version: "1.9.0" }))
        expect(error).toMatchObject({ reason: "Damaged", code: "INTERNAL", status: 500 })
      }
    })
  )
})

const manifest = {
  manifest: 1,
  title: "Ours",
  entries: [
    {
      name: crm,
      title: "CRM",
      versions: [
        { version: "1.0.0", artifact: { path: "crm/1.0.0.tgz", digest: `sha256:${"0".repeat(64)}`, size: 10 } },
        { version: "1.1.0", artifact: { path: "crm/1.1.0.tgz", digest: `sha256:${"1".repeat(64)}`, size: 10 } }
      ]
    }
  ]
}

/** The manifest with something else at a place such as `entries.0.name`. */
const changed = (place: string, value: unknown): string => {
  const copy: unknown = structuredClone(manifest)
  const keys = place.split(".")
  const last = keys.pop() ?? ""
  const within = keys.reduce<unknown>((found, key) => Reflect.get(Object(found), key), copy)
  Reflect.set(Object(within), last, value)
  return JSON.stringify(copy)
}

describe("a marketplace.json", () => {
  it("is read", () => {
    expect(parseMarketplaceManifest(JSON.stringify(manifest))).toMatchObject({ _tag: "Success", success: manifest })
  })

  it.each([
    ["title", 7, "title"],
    ["manifest", 2, "manifest"],
    ["entries.0.name", "CRM", "entries[0].name"],
    ["entries.0.title", "two\nlines", "entries[0].title"],
    ["entries.0.tags", ["a b"], "entries[0].tags[0]"],
    ["entries.0.interfaces", ["crm"], "entries[0].interfaces[0]"],
    ["entries.0.extra", true, "entries[0].extra"],
    ["entries.0.versions.1.version", "1.1", "entries[0].versions[1].version"],
    ["entries.0.versions.1.version", "1.0.0", "entries[0].versions[1].version"],
    ["entries.0.versions.1.requires", { "a.dev": "newest" }, "entries[0].versions[1].requires.a.dev"],
    ["entries.0.versions.1.artifact.digest", "md5:0", "entries[0].versions[1].artifact.digest"],
    ["entries.0.versions.1.artifact.size", -1, "entries[0].versions[1].artifact.size"],
    ["entries.0.versions.1.artifact.size", 67_108_865, "entries[0].versions[1].artifact.size"],
    ["entries.1", { name: crm, title: "Again", versions: [] }, "entries[1].name"]
  ])("with %s as %o is refused, and the place is named", (place, value, named) => {
    const parsed = parseMarketplaceManifest(changed(place, value))
    expect(parsed).toMatchObject({ _tag: "Failure", failure: expect.stringContaining(named) })
  })

  it.each([
    "../up.tgz",
    "a/../../up.tgz",
    "/etc/passwd",
    "a//b",
    "./a",
    "a/.",
    "..",
    "C:\\a",
    "a\\..\\b",
    "c:/a",
    "a\0b",
    "",
    "a/"
  ])("with a package at %o is refused", (path) => {
    const parsed = parseMarketplaceManifest(changed("entries.0.versions.0.artifact.path", path))
    expect(parsed).toMatchObject({ _tag: "Failure", failure: expect.stringContaining("a path below the manifest") })
  })

  it("that is no JSON is refused", () => {
    expect(parseMarketplaceManifest("{")).toMatchObject({
      _tag: "Failure",
      failure: expect.stringContaining("not JSON")
    })
  })
})
