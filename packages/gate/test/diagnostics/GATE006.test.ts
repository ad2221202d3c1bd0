import { describe, expect, it } from "@effect/vitest"
import { Authenticator } from "../../src/index.ts"
import { anyLayer, messages, module, route } from "../support/planning.ts"

const auth = module("auth", { provides: [Authenticator], layer: anyLayer })
const crm = (path: `/${string}`, scope: "public" | "internal") => module("crm", { routes: [route(path, { scope })] })

describe("GATE006 internalOutside", () => {
  it("an internal route must be under the internal prefix", () => {
    expect(messages([auth, crm("/crm", "internal")])).toEqual([
      'GATE006 GET /crm of module "crm" is internal, but not under /gateway/v1/internal/'
    ])
    expect(messages([auth, crm("/gateway/v1/internal/crm", "internal")])).toEqual([])
  })
})

describe("GATE006 publicInside", () => {
  it("a public route must not be under the internal prefix, in any letter case", () => {
    for (const path of ["/gateway/v1/internal/crm", "/Gateway/V1/Internal/crm"] as const) {
      expect(messages([crm(path, "public")])[0]).toBe(
        `GATE006 GET ${path} of module "crm" is public, but under the internal prefix /gateway/v1/internal`
      )
    }
  })

  it("parameters and the rest do not count, since internal routes are more specific", () => {
    for (const path of ["/*", "/:a/:b/:c/:d"] as const) expect(messages([crm(path, "public")])).toEqual([])
  })
})
