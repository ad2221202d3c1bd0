import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { type JsonSchema, parseAssignments } from "../src/Params.ts"

const schema: JsonSchema = {
  type: "object",
  properties: {
    email: { type: "string" },
    age: { type: "integer" },
    ratio: { type: "number" },
    active: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    scores: { type: "array", items: { type: "integer" } },
    kind: { enum: ["person", "company"] },
    perms: {
      anyOf: [{ type: "integer" }, { type: "array", items: { enum: ["READ", "EDIT"] } }]
    },
    nickname: { anyOf: [{ type: "string" }, { type: "null" }] },
    address: {
      type: "object",
      properties: { city: { type: "string" }, floor: { $ref: "#/$defs/Floor" } },
      additionalProperties: false
    },
    props: { type: "object" }
  },
  additionalProperties: false,
  $defs: { Floor: { type: "integer", allOf: [{ minimum: 0 }] } }
}

const parsed = (...words: ReadonlyArray<string>) => Result.getOrThrow(parseAssignments(words, schema))
const problem = (...words: ReadonlyArray<string>) => {
  const result = parseAssignments(words, schema)
  assert.isTrue(Result.isFailure(result), `${words.join(" ")} was accepted`)
  return Result.isFailure(result) ? result.failure.message : ""
}

describe("KEY=VALUE words", () => {
  it("take the type that the contract gives them", () => {
    assert.deepStrictEqual(parsed("email=12", "age=36", "ratio=-1.5e3", "active=true"), {
      email: "12",
      age: 36,
      ratio: -1500,
      active: true
    })
  })

  it("keep everything behind the first equals sign", () => {
    assert.deepStrictEqual(parsed("email=a=b==", "kind=person"), { email: "a=b==", kind: "person" })
    assert.deepStrictEqual(parsed("email="), { email: "" })
  })

  it("make a list of a key that is repeated, of one that is not, and of JSON", () => {
    assert.deepStrictEqual(parsed("tags=a", "tags=b"), { tags: ["a", "b"] })
    assert.deepStrictEqual(parsed("tags=a"), { tags: ["a"] })
    assert.deepStrictEqual(parsed('tags=["a","b"]'), { tags: ["a", "b"] })
    assert.deepStrictEqual(parsed("scores=1", "scores=2"), { scores: [1, 2] })
  })

  it("nest at a dot", () => {
    assert.deepStrictEqual(parsed("address.city=Bern", "address.floor=3"), { address: { city: "Bern", floor: 3 } })
    assert.deepStrictEqual(parsed('address={"city":"Bern"}'), { address: { city: "Bern" } })
  })

  it("do not nest inside a quoted key", () => {
    assert.deepStrictEqual(parsed('props."crm.example.dev:class.Contact.property.email"=a@b.c'), {
      props: { "crm.example.dev:class.Contact.property.email": "a@b.c" }
    })
  })

  it("are text where the contract says nothing, and JSON behind :=", () => {
    assert.deepStrictEqual(parsed("props.age=41", "props.size:=41", "props.list:=[1,null]"), {
      props: { age: "41", size: 41, list: [1, null] }
    })
  })

  it("read a union from its strictest member to its most lenient", () => {
    assert.deepStrictEqual(parsed("perms=3"), { perms: 3 })
    assert.deepStrictEqual(parsed("perms=READ", "perms=EDIT"), { perms: ["READ", "EDIT"] })
    assert.deepStrictEqual(parsed("nickname=null"), { nickname: null })
    assert.deepStrictEqual(parsed("nickname=Ada"), { nickname: "Ada" })
  })

  it("name the nearest param for a typo, and all of them where none is near", () => {
    assert.strictEqual(problem("emial=a"), "there is no param emial; did you mean email?")
    assert.match(problem("zzz=a"), /^there is no param zzz; there are email, age, /)
    assert.match(problem("address.street=a"), /^there is no param address\.street; there are city, floor$/)
  })

  it("say what a param must be", () => {
    assert.strictEqual(problem("age=old"), 'age must be a whole number, got "old"')
    assert.strictEqual(problem("age=1.5"), 'age must be a whole number, got "1.5"')
    assert.strictEqual(problem("ratio=0x10"), 'ratio must be a number, got "0x10"')
    assert.strictEqual(problem("ratio="), 'ratio must be a number, got ""')
    assert.strictEqual(problem("active=yes"), 'active must be true or false, got "yes"')
    assert.strictEqual(problem("kind=robot"), 'kind must be "person" or "company", got "robot"')
    assert.strictEqual(problem("email=a", "email=b"), 'email must be one value, got "a", "b"')
  })

  it("refuse a word that is not KEY=VALUE", () => {
    for (const word of ["email", "=a", ".=a", "a..b=1", 'a"b=1', ":=1", '"open=1']) {
      assert.match(problem(word), /is not KEY=VALUE|has no key/, word)
    }
    assert.match(problem("age:=forty"), /what follows := must be JSON/)
  })

  it("refuse a key that is both a value and an object", () => {
    assert.strictEqual(problem("props=1", "props.a=1"), "props.a is given both as a value and as an object")
    assert.strictEqual(problem("props.a=1", "props=1"), "props is given both as a value and as an object")
  })

  it("treat __proto__ as a key like any other", () => {
    const open = Result.getOrThrow(parseAssignments(["__proto__.polluted=yes", "constructor.prototype.x=1"], true))
    assert.strictEqual(JSON.stringify(open), '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"x":"1"}}}')
    assert.isFalse("polluted" in {})
    assert.match(problem("__proto__=1"), /there is no param __proto__/)
  })

  it("end on a contract that refers to itself", () => {
    const loop: JsonSchema = { $ref: "#/$defs/A", $defs: { A: { anyOf: [{ $ref: "#/$defs/A" }] } } }
    assert.isTrue(Result.isFailure(parseAssignments(["a.b=1"], loop)))
    const tree: JsonSchema = {
      $ref: "#/$defs/T",
      $defs: { T: { type: "object", properties: { left: { $ref: "#/$defs/T" }, n: { type: "integer" } } } }
    }
    assert.deepStrictEqual(Result.getOrThrow(parseAssignments(["left.left.n=1"], tree)), { left: { left: { n: 1 } } })
  })
})
