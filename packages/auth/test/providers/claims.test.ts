import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { claimAt, problemWith, textsAt } from "../../src/internal/providers/claims.ts"
import { providersOf } from "../../src/internal/providers/profiles.ts"
import { pathFor } from "../../src/internal/providers/provision.ts"
import { filled } from "../../src/internal/providers/template.ts"

const ada = {
  iss: "https://corp.example",
  sub: "1",
  aud: "portico",
  email: "ada@corp.example",
  email_verified: true,
  name: "  Ada  ",
  empty: " ",
  realm: { roles: ["staff", 7, "boss"] },
  "https://corp.example/groups": "staff",
  hd: "corp.example",
  tid: "t"
}

describe("claims", () => {
  it("are found by name, by the path to them, and never among what objects have by themselves", () => {
    expect(claimAt(ada, "https://corp.example/groups")).toBe("staff")
    expect(textsAt(ada, "realm.roles")).toEqual(["staff", "boss"])
    expect(textsAt(ada, "hd")).toEqual(["corp.example"])
    for (const name of ["constructor", "__proto__", "realm.constructor", "sub.length", "missing.x", ""]) {
      expect(claimAt(ada, name)).toBeUndefined()
    }
  })

  it("fill templates, the first alternative that is there", () => {
    expect(filled("{name} ({email})", ada)).toEqual(Result.succeed("Ada (ada@corp.example)"))
    expect(filled("{nickname|empty|sub}", ada)).toEqual(Result.succeed("1"))
    expect(filled("{nickname|realm}", ada)).toEqual(Result.fail("{nickname|realm}"))
    // What a claim says is no template.
    expect(filled("{a}", { a: "{sub}", sub: "1" })).toEqual(Result.succeed("{sub}"))
    expect(filled("{a}", { a: "$&$1" })).toEqual(Result.succeed("$&$1"))
  })

  it("make paths of one segment each, of whatever they hold, and none that is reserved", () => {
    const at = (preferred_username: unknown, template = "/identities/{preferred_username}") =>
      Result.getOrElse(pathFor(template, { ...ada, preferred_username }), (reason) => reason)
    expect(at("ada", "/identities/corp/{preferred_username}")).toBe("/identities/corp/ada")
    expect(at("a/b")).toBe("/identities/a~2Fb")
    expect(at("../operators")).not.toContain("/operators")
    for (const name of ["admin", "Operators", "roles", "everyone"]) expect(at(name)).toMatch(/is reserved/)
    expect(at(undefined)).toMatch(/no claim/)
    expect(at("x".repeat(1_001))).toMatch(/no claim/)
    expect(at("x".repeat(1_000))).toMatch(/^\/identities\/~~[0-9a-f]+$/)
  })

  it("have to be all that is asked for", () => {
    const problem = (trust: object, claims: object = {}) => {
      const [corp] = providersOf({ corp: { issuer: "https://x.example", clientId: "portico", trust } })
      return corp && problemWith({ ...ada, ...claims }, corp.trust, "portico")
    }
    const good = [
      {},
      { emailVerified: true, domains: ["CORP.example", "y.example"], hostedDomains: ["corp.example"], tenants: ["t"] },
      { claims: { "realm.roles": ["boss"], hd: ["corp.example"] } }
    ]
    for (const trust of good) expect(problem(trust)).toBeUndefined()
    expect(problem({ emailVerified: true }, { email_verified: "true" })).toBeUndefined()
    expect(problem({ audiences: ["api"] }, { aud: ["portico", "api"] })).toBeUndefined()
    const bad: ReadonlyArray<readonly [object, object]> = [
      [{}, { aud: ["portico", "api"] }],
      [{ emailVerified: true }, { email_verified: 1 }],
      [{ emailVerified: true }, { email: undefined }],
      [{ domains: ["corp.example"] }, { email: "ada@sub.corp.example" }],
      [{ domains: ["corp.example"] }, { email: "corp.example" }],
      [{ domains: ["corp.example"] }, { email_verified: false }],
      [{ hostedDomains: ["corp.example"] }, { hd: undefined }],
      [{ hostedDomains: ["corp.example"] }, { hd: { x: "corp.example" } }],
      [{ tenants: ["t"] }, { tid: "u" }],
      [{ claims: { department: ["it"] } }, {}],
      [{ claims: { department: [] } }, { department: "it" }]
    ]
    for (const [trust, claims] of bad) expect(problem(trust, claims)).toBeTypeOf("string")
  })
})
