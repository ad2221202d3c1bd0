import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Marketplace } from "@portico/gate/marketplace"
import { GatewayTest, marketplaceContract } from "@portico/gate/testing"
import { FolderSource, FolderSourceModule } from "@portico/gate-adapters/marketplace-folder"
import { Effect, Layer } from "effect"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"
import { sampleFolder, writeSample } from "./sampleFolder.ts"

const overFolder = (folder: string) =>
  FolderSource.make({ folder }).pipe(
    Effect.map((source) => Marketplace.ofSources(() => [source])),
    Effect.provide(NodeServices.layer)
  )

const underTest = Layer.effect(
  Marketplace,
  Effect.flatMap(sampleFolder, ({ folder }) => overFolder(folder))
)

const crm = { source: "folder", name: "crm.example.dev", version: "1.9.0" }
const file = "crm.example.dev/1.9.0.tgz"

describe("a marketplace in a folder", () => {
  for (const { check, name } of marketplaceContract(underTest)) it.effect(name, () => check)

  it.effect("has what its manifest lists now", () =>
    Effect.gen(function* () {
      const { folder } = yield* sampleFolder
      const { search } = yield* overFolder(folder)
      expect((yield* search({})).entries.length).toBe(2)
      writeFileSync(join(folder, "marketplace.json"), JSON.stringify({ manifest: 1, title: "None", entries: [] }))
      expect((yield* search({})).entries).toEqual([])
    })
  )

  it.effect.each([
    ["is changed", (path: string) => writeFileSync(path, "crm 1.9.1"), "digest"],
    ["is cut off", (path: string) => truncateSync(path, 3), "digest"],
    ["is longer than listed", (path: string) => writeFileSync(path, "x".repeat(1_000_000)), "longer than 9 bytes"],
    ["is gone", (path: string) => rmSync(path), "is not there"],
    [
      "is a folder",
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      "is no file"
    ]
  ] as const)("gives no package that %s", ([, spoil, said]) =>
    Effect.gen(function* () {
      const { folder } = yield* sampleFolder
      spoil(join(folder, file))
      const error = yield* Effect.flip((yield* overFolder(folder)).fetch(crm))
      expect(error).toMatchObject({ reason: "Damaged", message: expect.stringContaining(said) })
    })
  )

  it.effect("reads nothing outside of itself, wherever links lead", () =>
    Effect.gen(function* () {
      const { above, folder } = yield* sampleFolder
      const { fetch } = yield* overFolder(folder)
      // The very bytes that the digest asks for, so that only their place is wrong.
      renameSync(join(folder, file), join(above, "outside.tgz"))
      symlinkSync(join(above, "outside.tgz"), join(folder, file))
      expect(yield* Effect.flip(fetch(crm))).toMatchObject({ message: expect.stringContaining("leads out") })
      // A neighbour whose name begins like the folder's.
      mkdirSync(`${folder}-too`)
      writeFileSync(join(`${folder}-too`, "1.9.0.tgz"), readFileSync(join(above, "outside.tgz")))
      rmSync(join(folder, "crm.example.dev"), { recursive: true })
      symlinkSync(`${folder}-too`, join(folder, "crm.example.dev"))
      expect(yield* Effect.flip(fetch(crm))).toMatchObject({ message: expect.stringContaining("leads out") })
    })
  )

  it.effect("may itself be a link, and have links within", () =>
    Effect.gen(function* () {
      const { above, folder } = yield* sampleFolder
      symlinkSync(folder, join(above, "link"))
      renameSync(join(folder, file), join(folder, "kept.tgz"))
      symlinkSync(join(folder, "kept.tgz"), join(folder, file))
      const { bytes } = yield* (yield* overFolder(join(above, "link"))).fetch(crm)
      expect(new TextDecoder().decode(bytes)).toBe("crm 1.9.0")
    })
  )

  it.effect.each([
    ["is not there", undefined, "is not there"],
    ["is no JSON", "{", "not JSON"],
    ["lists a package outside", manifestWith({ path: "../x.tgz" }), "entries[0].versions[0].artifact.path"],
    ["lists a digest that is none", manifestWith({ digest: "?" }), "entries[0].versions[0].artifact.digest"],
    ["is endless", " ".repeat(4_194_305), "longer than"]
  ] as const)("says where its manifest is wrong if it %s, and has nothing", ([, text, said]) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      if (text !== undefined) writeFileSync(join(folder, "marketplace.json"), text)
      const { entries, problems } = yield* (yield* overFolder(folder)).search({})
      expect(entries).toEqual([])
      expect(problems).toMatchObject([{ source: "folder", error: { reason: "Damaged" } }])
      expect(problems[0]?.error.message).toContain(said)
      expect(problems[0]?.error.message).toContain(join(folder, "marketplace.json"))
    })
  )
})

function manifestWith(artifact: Readonly<Record<string, unknown>>): string {
  const good = { path: "x.tgz", digest: `sha256:${"0".repeat(64)}`, size: 1 }
  const versions = [{ version: "1.0.0", artifact: { ...good, ...artifact } }]
  return JSON.stringify({ manifest: 1, title: "Bad", entries: [{ name: "a.example.dev", title: "A", versions }] })
}

describe("the module of a marketplace in a folder", () => {
  const market = Gateway.module.define({
    id: "marketplace",
    displayName: "Marketplace",
    provides: [Marketplace],
    layer: Marketplace.layer
  })
  const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [market, FolderSourceModule] })

  it.effect("is a source of the product's marketplace, from the moment that its folder is there", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "later")
      const gateway = yield* GatewayTest.make(product, {
        config: { "marketplace-folder.folder": folder, "marketplace-folder.title": "Ours" }
      })
      const { fetch, search, sources } = yield* gateway.get(Marketplace)
      expect(yield* sources).toEqual([{ id: "folder", title: "Ours" }])
      expect((yield* search({})).problems.length).toBe(1)
      mkdirSync(folder)
      writeSample(folder)
      expect((yield* search({})).entries.length).toBe(2)
      expect((yield* fetch(crm)).bytes.length).toBe(9)
    })
  )
})
