import { assert, describe, it } from "vitest"
import { assign, createContact } from "./support/callables.ts"
import { fakeInstance, result, routes, type Seen } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const create = "/:crm.example.dev:interface.ContactOps:createContact"
const describeOf = (path: string) => `/api/describe?path=${encodeURIComponent(path)}`

const instance = routes({
  [create]: result("/contacts/ada"),
  [describeOf(create)]: { json: { kind: "callable", callable: createContact } },
  [describeOf("/contacts/ada::assign")]: { json: { kind: "callable", callable: assign } },
  "/contacts/ada::assign": { json: { seq: 8 } },
  [describeOf("/contacts")]: {
    json: { kind: "node", node: { id: "1", path: "/contacts", rev: 1 }, perms: ["READ"], callables: [createContact] }
  }
})

const sent = (seen: ReadonlyArray<Seen>): unknown => seen.find((one) => one.path === "/api/call")?.body

describe("portico call", () => {
  it("types KEY=VALUE words by the contract that the instance describes", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const words = ["email=ada@example.dev", "age=36", "vip=true", "tags=a", "tags=b", "address.city=Bern"]
    const { exit, out, err } = await runCli(["call", create, ...words, "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(err, "")
    assert.strictEqual(out, '"/contacts/ada"\n')
    assert.deepStrictEqual(sent(seen), {
      path: create,
      params: { email: "ada@example.dev", age: 36, vip: true, tags: ["a", "b"], address: { city: "Bern" } }
    })
  })

  it("sends a JSON argument, or JSON from stdin, as it is, without asking for the contract", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const json = '{"email":"ada@example.dev","unknown":[1,{"a":null}]}'
    await runCli(["call", create, json, "-i", url])
    await runCli(["call", create, "-", "-i", url], { stdin: `${json}\n` })
    assert.deepStrictEqual(
      seen.map((one) => one.body),
      Array(2).fill({ path: create, params: JSON.parse(json) })
    )
  })

  it("prints what streams, an item a line, and what is bytes as it is", async (test) => {
    const items = (output: string) => ({ json: { kind: "callable", callable: { ...assign, output } } })
    const { url } = await fakeInstance(
      test,
      routes({
        [describeOf("/a::items")]: items("stream"),
        [describeOf("/a::bytes")]: items("binary"),
        [describeOf("/a::value")]: items("value"),
        "/a::items": { text: '\n{"item":{"a":1}}\n{"item":2}\n{"end":true}\n', output: "stream" },
        "/a::bytes": { text: "a,b\r\n", type: "text/csv", output: "binary" }
      })
    )
    assert.strictEqual((await runCli(["call", "/a::items", "-i", url])).out, '{"a":1}\n2\n')
    assert.strictEqual((await runCli(["call", "/a::bytes", "-i", url])).out, "a,b\r\n")
    assert.strictEqual((await runCli(["call", "/a::items", "--stream", "-i", url])).out, '{"a":1}\n2\n')
    assert.strictEqual((await runCli(["call", "/a::bytes", "--stream", "-i", url])).out, "a,b\r\n")
    assert.strictEqual((await runCli(["call", "/a::value", "--stream", "-i", url])).exit, 2)
    const cut = await fakeInstance(
      test,
      routes({
        [describeOf("/a::items")]: items("stream"),
        "/a::items": { text: '{"item":1}\n{"it', output: "stream" }
      })
    )
    const { exit, out } = await runCli(["call", "/a::items", "--stream", "-i", cut.url])
    assert.deepStrictEqual([exit, out], [7, "1\n"])
  })

  it("sends a file, or stdin, to what reads one, typed by what it reads", async (test) => {
    const reading = (input: string) => ({ json: { kind: "callable", callable: { ...assign, input } } })
    const { seen, url } = await fakeInstance(
      test,
      routes({
        [describeOf("/a::items")]: reading("stream"),
        [describeOf("/a::bytes")]: reading("binary"),
        [describeOf("/a::value")]: reading("value"),
        "/api/call?path=%2Fa%3A%3Aitems&params=%7B%22strict%22%3Atrue%7D": result(2),
        "/api/call?path=%2Fa%3A%3Abytes": result(3)
      })
    )
    const lines = '{"a":1}\n{"a":2}\n'
    const { out } = await runCli(["call", "/a::items", '{"strict":true}', "--input", "-", "-i", url], { stdin: lines })
    assert.strictEqual(out, "2\n")
    assert.strictEqual((await runCli(["call", "/a::bytes", "--input", "-", "-i", url], { stdin: "xyz" })).out, "3\n")
    assert.deepStrictEqual(
      seen.filter(({ method }) => method === "POST").map(({ body }) => body),
      [lines, "xyz"]
    )
    const refused = (...words: ReadonlyArray<string>) => runCli(["call", ...words, "-i", url], { stdin: "{}" })
    assert.strictEqual((await refused("/a::value", "--input", "-")).exit, 2)
    assert.strictEqual((await refused("/a::items", "--input", "/no/such/file")).exit, 2)
    assert.strictEqual((await refused("/a::items", "-", "--input", "-")).exit, 2)
    assert.strictEqual((await refused("/a::items", "--input", "-", "--idempotency-key", "k")).exit, 2)
  })

  it("sends no params where none are given, and prints nothing where nothing comes back", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const { exit, out } = await runCli(["call", "/contacts/ada::assign", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(out, "")
    assert.lengthOf(seen, 1)
  })

  it("takes words that begin with a dash behind --", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    await runCli(["call", "-i", url, create, "--", '"-x"=1', "email=-"])
    assert.lengthOf(seen, 1)
    const { exit } = await runCli(["call", "-i", url, create, "--", "email=--json"])
    assert.strictEqual(exit, 0)
    assert.deepStrictEqual(sent(seen.slice(1)), { path: create, params: { email: "--json" } })
  })

  const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
    [["emial=x"], /there is no param emial; did you mean email\? See the params: portico call .* --describe/],
    [["age=old"], /age must be a whole number, got "old"/],
    [["email"], /"email" is not KEY=VALUE/],
    [["{email: 1}"], /the argument is not JSON: /],
    [["[1]"], /the argument must be a JSON object, as params have names/],
    [["-"], /stdin is not JSON/],
    [["-", "email=x"], /- stands alone: params come from one place/],
    [["email=x", "-"], /- stands alone: params come from one place/],
    [['{"email":"x"}', "age=1"], /a JSON object stands alone/]
  ]
  for (const [words, says] of wrong) {
    it(`refuses ${words.join(" ")} with exit 2, and calls nothing`, async (test) => {
      const { url, seen } = await fakeInstance(test, instance)
      const { exit, out, err } = await runCli(["call", create, ...words, "-i", url])
      assert.strictEqual(exit, 2)
      assert.strictEqual(out, "")
      assert.match(err, says)
      assert.isUndefined(sent(seen))
    })
  }

  it("says that a node is not to be called, when KEY=VALUE words need its contract", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { exit, err } = await runCli(["call", "/contacts", "a=1", "-i", url])
    assert.strictEqual(exit, 2)
    assert.match(err, /\/contacts is a node, not something to call\. Name a method of it/)
  })

  it("sends the idempotency key as a header", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    await runCli(["call", create, '{"email":"a@b"}', "--idempotency-key", "k-1", "-i", url])
    assert.strictEqual(seen[0]?.idempotencyKey, "k-1")
  })

  it("escapes in its JSON what a terminal would act on", async (test) => {
    const { url } = await fakeInstance(test, routes({ "/a::b": result("\u001b[2J\u009b31m\u202e") }))
    const { out } = await runCli(["call", "/a::b", "-i", url], { terminal: true })
    assert.strictEqual(out, '"\\u001b[2J\\u009b31m\\u202e"\n')
  })

  it("with --describe shows params, needs and an example, and calls nothing", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const { exit, out } = await runCli(["call", create, "--describe", "-i", url])
    assert.strictEqual(exit, 0)
    assert.include(out, `callable\t${create}\n`)
    assert.include(out, "email\tstring\trequired\t\n")
    assert.isUndefined(sent(seen))
    const json = await runCli(["call", create, "--describe", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(json.out), createContact)
  })
})
