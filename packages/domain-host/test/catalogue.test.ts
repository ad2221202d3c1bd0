import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { defineSchema } from "@portico/schema"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { wanted } from "../src/internal/catalogue.ts"
import { matchFunction } from "../src/internal/functionMatch.ts"

const domain = (origin: string, requires: ReadonlyArray<string> = []) => ({
  definition: defineDomain({ schema: defineSchema(origin, {}), requires }),
  bundled: true
})

const originsOf = (setting: string, domains: Parameters<typeof wanted>[1]) =>
  wanted(setting, domains).domains.map(({ definition }) => definition.origin)

describe("the domains that a setting asks for", () => {
  const [a, b, c] = [domain("a.example.dev", ["c.example.dev"]), domain("b.example.dev"), domain("c.example.dev")]

  it("are all, none, or those named; only bundled ones", () => {
    const guest = { ...domain("guest.example.dev"), bundled: false }
    expect(originsOf("all", [b, c, guest])).toEqual(["b.example.dev", "c.example.dev"])
    for (const none of ["none", "", " , "]) expect(originsOf(none, [b, c])).toEqual([])
    expect(originsOf(" c.example.dev ,b.example.dev", [b, c])).toEqual(["b.example.dev", "c.example.dev"])
    expect(wanted("guest.example.dev,x", [b, guest]).unknown).toEqual(["guest.example.dev", "x"])
  })

  it("come with what they require first; a circle does not go round for ever", () => {
    expect(originsOf("all", [a, b, c])).toEqual(["c.example.dev", "a.example.dev", "b.example.dev"])
    const round = [domain("x.example.dev", ["y.example.dev"]), domain("y.example.dev", ["x.example.dev"])]
    expect(originsOf("all", round)).toEqual(["y.example.dev", "x.example.dev"])
  })
})

describe("the function behind a URL", () => {
  const functions = {
    plain: defineRemoteFunction({ execute: () => undefined }),
    shown: defineRemoteFunction({ route: { method: "GET", path: "/pages/:name" }, execute: () => undefined }),
    kept: defineRemoteFunction({ route: { method: "PUT", path: "/pages/:name" }, execute: () => undefined })
  }
  const local = { definition: defineDomain({ schema: defineSchema("f.example.dev", {}), functions }) }
  const find = (origin: string) => (origin === "f.example.dev" ? local : undefined)
  const match = (method: string, url: string) =>
    Result.match(matchFunction(find, method, url), {
      onSuccess: ({ pathParams, slug }) => [slug, pathParams] as const,
      onFailure: ({ allow, error }) => [error.code, allow] as const
    })

  it("is the one with this slug, or the one whose route fits", () => {
    expect(match("POST", "/d/f.example.dev/functions/plain?x=1")).toEqual(["plain", {}])
    expect(match("GET", "/d/f.example.dev/pages/a%20b")).toEqual(["shown", { name: "a b" }])
    expect(match("PUT", "/d/f.example.dev/pages/a")).toEqual(["kept", { name: "a" }])
  })

  it("is told from another method, with those that there are", () => {
    expect(match("DELETE", "/d/f.example.dev/pages/a")).toEqual(["METHOD_NOT_ALLOWED", "GET, PUT"])
    expect(match("GET", "/d/f.example.dev/functions/plain")).toEqual(["METHOD_NOT_ALLOWED", "POST"])
  })

  it("is not found by any way around", () => {
    for (const url of [
      "/d/f.example.dev/functions/shown",
      "/d/f.example.dev/functions/none",
      "/d/f.example.dev/functions/__proto__",
      "/d/f.example.dev/functions/plain/",
      "/d//f.example.dev/functions/plain",
      "/d/f.example.dev/x/../functions/plain",
      "/d/f.example.dev/x/%2e%2e/functions/plain",
      "/d/f.example.dev/functions%2fplain",
      "/d/f.example.dev/pages/a%2fb",
      "/d/f.example.dev/pages/%ff",
      "/d/other.example.dev/functions/plain",
      "/D/f.example.dev/functions/plain",
      "/d"
    ]) {
      expect(match("POST", url)[0], url).toBe("NOT_FOUND")
    }
  })
})
