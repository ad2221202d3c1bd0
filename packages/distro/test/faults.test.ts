import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "@effect/vitest"
import type { Module, Product } from "@portico/gate"
import { productFaults } from "@portico/gate/testing"
import * as Effect from "effect/Effect"
import { porticoGateway } from "../src/index.ts"

const config = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-faults-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
).pipe(Effect.map((folder) => ({ "gate.dataDir": folder })))

/** The distro in which any module may be missing. */
const forgiving = (product: Product): Product => ({
  ...product,
  modules: product.modules.map((module): Module.Any => ({ ...module, onBootFailure: "degrade" }))
})

describe("the distro keeps its promises when", () => {
  for (const { check, name } of productFaults(porticoGateway(), { config })) it.effect(name, () => check)
})

describe("the distro runs on, if it is told to, when", () => {
  const checks = productFaults(forgiving(porticoGateway()), { config })
  for (const { check, name } of checks.filter(({ name }) => name.includes("does not start"))) {
    it.effect(name, () => check)
  }
})
