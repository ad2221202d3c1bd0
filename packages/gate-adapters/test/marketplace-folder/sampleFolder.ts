import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { sampleCatalogue } from "@portico/gate/testing"
import { Effect } from "effect"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"

/** Writes the sample catalogue into a folder, with a manifest that lists it. */
export const writeSample = (folder: string) => {
  const entries = sampleCatalogue.map(({ versions, ...entry }) => ({
    ...entry,
    versions: versions.map(({ bytes, digest, ...version }) => {
      const path = `${entry.name}/${version.version}.tgz`
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
      return { ...version, artifact: { path, digest, size: bytes.length } }
    })
  }))
  writeFileSync(join(folder, "marketplace.json"), JSON.stringify({ manifest: 1, title: "Sample", entries }))
}

/** A folder with the sample catalogue, below one that has something else. */
export const sampleFolder = Effect.map(temporaryFolder, (above) => {
  const folder = join(above, "marketplace")
  mkdirSync(folder)
  writeSample(folder)
  return { above, folder }
})
