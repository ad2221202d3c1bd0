import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Path from "../src/Path.ts"

const id = "0198f3c2-7a6b-7c3d-8e4f-5a6b7c8d9e0f"
const parsed = (text: string): unknown => Result.getOrThrow(Path.parse(text))
const tree = (...slugs: ReadonlyArray<string>): Path.TreeAddress => ({ _tag: "Tree", slugs })

describe("the forms of an address", () => {
  const crm = "crm.example.dev"
  const forms: ReadonlyArray<readonly [string, Path.Address]> = [
    ["/", tree()],
    ["/projects/apollo", tree("projects", "apollo")],
    ["/crm.example.dev/class.Contact/import", tree(crm, "class.Contact", "import")],
    ["/проекты/東京タワー/ひらがなと漢字/서울", tree("проекты", "東京タワー", "ひらがなと漢字", "서울")],
    [`@${id}`, { _tag: "Id", id }],
    ["/projects/apollo::get", { _tag: "InstanceMethod", self: tree("projects", "apollo"), method: "get" }],
    ["/::getTree", { _tag: "InstanceMethod", self: tree(), method: "getTree" }],
    [`@${id}::get`, { _tag: "InstanceMethod", self: { _tag: "Id", id }, method: "get" }],
    ["/:crm.example.dev", { _tag: "Schema", origin: crm }],
    ["/:crm.example.dev::get", { _tag: "InstanceMethod", self: { _tag: "Schema", origin: crm }, method: "get" }],
    ["/:crm.example.dev:class.Contact", { _tag: "Schema", origin: crm, member: { kind: "class", name: "Contact" } }],
    ["/:crm.example.dev:class.works_on", { _tag: "Schema", origin: crm, member: { kind: "class", name: "works_on" } }],
    [
      "/:crm.example.dev:interface.ContactOps",
      { _tag: "Schema", origin: crm, member: { kind: "interface", name: "ContactOps" } }
    ],
    [
      "/:crm.example.dev:function.seed-all",
      { _tag: "Schema", origin: crm, member: { kind: "function", name: "seed-all" } }
    ],
    ["/:crm.example.dev:view.board", { _tag: "Schema", origin: crm, member: { kind: "view", name: "board" } }],
    [
      "/:crm.example.dev:class.Contact:import",
      { _tag: "StaticMethod", origin: crm, owner: { kind: "class", name: "Contact" }, method: "import" }
    ],
    [
      "/a::crm.example.dev:interface.ContactOps:assign",
      {
        _tag: "InstanceMethod",
        self: tree("a"),
        method: "assign",
        qualifier: { origin: crm, interface: "ContactOps" }
      }
    ]
  ]

  it.each(forms)("reads and writes %s", (text, address) => {
    expect(parsed(text)).toEqual(address)
    expect(Path.format(address)).toBe(text)
  })

  it("says where the kernel keeps what a schema address names", () => {
    const slugs = (text: string) => {
      const address = Result.getOrThrow(Path.parse(text))
      if (address._tag !== "Schema" && address._tag !== "StaticMethod") throw new Error(text)
      return Path.formatTree(Path.schemaSlugs(address))
    }
    expect(slugs("/:crm.example.dev")).toBe("/crm.example.dev")
    expect(slugs("/:crm.example.dev:class.Contact:import")).toBe("/crm.example.dev/class.Contact/import")
    expect(slugs("/:crm.example.dev:function.seed")).toBe("/crm.example.dev/core/functions/seed")
    expect(slugs("/:crm.example.dev:view.board")).toBe("/crm.example.dev/core/views/board")
    expect(Path.child("/", "a")).toBe("/a")
    expect(Path.child("/a", "b")).toBe("/a/b")
  })

  it("reads a method where a node is wanted as a refusal", () => {
    expect(Result.isFailure(Path.parseNode("/a::get"))).toBe(true)
    expect(Result.isFailure(Path.parseNode("/:crm.example.dev:class.Contact:import"))).toBe(true)
    expect(Path.parseNode("/a")).toEqual(Result.succeed(tree("a")))
  })
})

describe("laws", () => {
  const slugChars = "abzAZ09._-~".split("")
  const slug = Arbitrary.schema(Schema.Array(Schema.Literals(slugChars)).check(Schema.isBetweenLength(1, 12))).pipe(
    Arbitrary.map((chars) => chars.join("")),
    Arbitrary.filter((text) => text !== "." && text !== "..")
  )
  const word = Arbitrary.schema(Schema.Array(Schema.Literals(["a", "Z", "7"])).check(Schema.isMaxLength(4))).pipe(
    Arbitrary.map((chars) => chars.join(""))
  )
  const method = Arbitrary.map(word, (tail) => `m${tail}`)
  const name = Arbitrary.map(word, (tail) => `N${tail}`)
  const origin = Arbitrary.schema(Schema.Literals(["crm.example.dev", "a.b", "x-1.y2.z"]))
  const treeAddress = Arbitrary.array(slug, { maxLength: 8 }).pipe(Arbitrary.map((slugs) => tree(...slugs)))
  const idAddress = Arbitrary.Constant<Path.Address>({ _tag: "Id", id })
  const member = Arbitrary.all({
    kind: Arbitrary.schema(Schema.Literals(["class", "interface", "function", "view"])),
    name
  })
  const schemaAddress = Arbitrary.all({ origin, member, whole: Arbitrary.schema(Schema.Boolean) }).pipe(
    Arbitrary.map(
      ({ origin, member, whole }): Path.SchemaAddress =>
        whole ? { _tag: "Schema", origin } : { _tag: "Schema", origin, member }
    )
  )
  const staticAddress = Arbitrary.all({
    origin,
    owner: Arbitrary.all({ kind: Arbitrary.schema(Schema.Literals(["class", "interface"])), name }),
    method
  }).pipe(Arbitrary.map((parts): Path.Address => ({ _tag: "StaticMethod", ...parts })))
  const instanceAddress = Arbitrary.all({
    tree: treeAddress,
    schema: schemaAddress,
    pick: Arbitrary.schema(Schema.Literals(["tree", "id", "schema"])),
    method,
    qualified: Arbitrary.schema(Schema.Boolean),
    origin,
    name
  }).pipe(
    Arbitrary.map((parts): Path.Address => {
      const self =
        parts.pick === "tree" ? parts.tree : parts.pick === "id" ? ({ _tag: "Id", id } as const) : parts.schema
      return parts.qualified
        ? {
            _tag: "InstanceMethod",
            self,
            method: parts.method,
            qualifier: { origin: parts.origin, interface: parts.name }
          }
        : { _tag: "InstanceMethod", self, method: parts.method }
    })
  )

  for (const [form, arbitrary] of Object.entries({
    treeAddress,
    idAddress,
    schemaAddress,
    staticAddress,
    instanceAddress
  })) {
    it.prop(`parse ∘ format is the identity on each ${form}`, [arbitrary], ([address]) => {
      expect(parsed(Path.format(address))).toEqual(address)
      expect(Result.getOrThrow(Path.parseUrl(Path.formatUrl(address)))).toEqual(address)
    })
  }

  it("too deep a path and too long a slug are refused as limits, and one that ends in / for what it is", () => {
    const refusal = (text: string) => Result.getOrThrow(Result.flip(Path.parse(text)))
    const deep = refusal("/x".repeat(65))
    expect([deep.code, deep.status, deep.details]).toMatchObject(["LIMIT_EXCEEDED", 413, { limit: "depth", max: 64 }])
    for (const long of [`/a/${"x".repeat(129)}`, `/${"é".repeat(65)}/b::get`]) {
      expect(refusal(long)).toMatchObject({ code: "LIMIT_EXCEEDED", details: { limit: "slug", max: 128 } })
    }
    expect(refusal(`/${"x".repeat(65_536)}`).code).toBe("INVALID_PATH")
    for (const text of ["/a/", "/a/b/::get"]) expect(refusal(text).message).toContain("a path does not end in /")
  })

  const noise = Arbitrary.schema(
    Schema.Array(
      Schema.Literals([
        "/",
        ":",
        "@",
        ".",
        "..",
        "%2e",
        "a",
        "B",
        "class.",
        "я",
        "\u0301",
        "\u200b",
        "\u202e",
        "\0",
        "\\",
        id
      ])
    )
  ).pipe(Arbitrary.map((parts) => parts.join("")))

  it.prop("whatever parses is written back as its NFC, and nothing throws", [noise], ([text]) => {
    const result = Path.parse(text)
    if (Result.isSuccess(result)) expect(Path.format(result.success)).toBe(text.normalize("NFC"))
    else expect(result.failure.code).toBe("INVALID_PATH")
  })

  it.prop("an address of any kind of string is refused or read, never half of it", [Schema.String], ([text]) => {
    const result = Path.parse(text)
    if (Result.isSuccess(result)) expect(Path.format(result.success)).toBe(text.normalize("NFC"))
  })
})

describe("refusals", () => {
  it.each([
    "",
    "projects",
    "projects/apollo",
    "//",
    "//a",
    "/a/",
    "/a//b",
    "/.",
    "/..",
    "/a/../b",
    "/a/./b",
    "/%2e%2e",
    "/a%2fb",
    "/a b",
    "/a\\b",
    "\\a",
    "/a\0",
    "/a\n",
    "/a:b",
    "/a:",
    ":a",
    "/a::",
    "::get",
    "/a::get::get",
    "/a::Get",
    "/a::get/b",
    "/a::x:y",
    "/a::crm.example.dev:class.X:m",
    "/a::crm.example.dev:interface.X",
    "/a::crm.example.dev:interface.X:m:n",
    "/:",
    "/:crm",
    "/:CRM.example.dev",
    "/:crm.example.dev:",
    "/:crm.example.dev:Contact",
    "/:crm.example.dev:edge.X",
    "/:crm.example.dev:class.",
    "/:crm.example.dev:class.Contact:",
    "/:crm.example.dev:class.Contact:m:n",
    "/:crm.example.dev:class.Contact:m::get",
    "/:crm.example.dev:function.seed:run",
    "/:crm..dev",
    "/:-crm.dev",
    "/:crm.example.dev/class.Contact",
    "@",
    "@1",
    `@${id.toUpperCase()}`,
    `@${id} `,
    `@${id}/a`,
    `/@${id}`,
    "/a?b",
    "/a#b",
    "/\ud800",
    "/a\u200bb",
    "/a\u202eb",
    "/\uff0e\uff0e",
    "/a\u2044b",
    "/pаypal"
  ])("refuses %j", (text) => {
    const result = Path.parse(text)
    expect(Result.isFailure(result)).toBe(true)
    if (Result.isFailure(result)) expect(result.failure.status).toBe(400)
  })

  it("takes 64 slugs and not 65", () => {
    expect(Result.isSuccess(Path.parse("/a".repeat(64)))).toBe(true)
    expect(Result.isFailure(Path.parse("/a".repeat(65)))).toBe(true)
    expect(Result.isFailure(Path.parse("/я".repeat(65)))).toBe(true)
  })

  it("refuses 64 kB of anything quickly, without repeating it", () => {
    const hostile = ["/", "/a", ":", "::", "@", "/:a.", "/а\u0301", "/%2e", "a", "\ud83d", "/:a.b:class.", "/ﷺ"]
    const begin = performance.now()
    for (const piece of hostile) {
      const result = Path.parse(piece.repeat(Math.ceil(65_536 / piece.length)))
      const url = Path.parseUrl(piece.repeat(Math.ceil(65_536 / piece.length)))
      expect(Result.isFailure(url)).toBe(true)
      if (Result.isSuccess(result)) throw new Error(piece)
      expect(JSON.stringify(result.failure).length).toBeLessThan(2_000)
    }
    expect(performance.now() - begin).toBeLessThan(1_000)
  })
})

describe("addresses in URLs", () => {
  it("decodes each segment once", () => {
    expect(Result.getOrThrow(Path.parseUrl("/%D0%BF%D1%80/a%2Db"))).toEqual(tree("пр", "a-b"))
    expect(Result.getOrThrow(Path.parseUrl("/a%3A%3Aget"))).toEqual({
      _tag: "InstanceMethod",
      self: tree("a"),
      method: "get"
    })
  })

  it.each(["/a%2fb", "/a%2Fb", "/%2e%2e/b", "/%252e%252e", "/%00", "/%", "/%ff", "/%c0%ae", "/a%5cb"])(
    "refuses %s",
    (text) => {
      expect(Result.isFailure(Path.parseUrl(text))).toBe(true)
    }
  )
})
