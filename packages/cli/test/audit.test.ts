import { assert, describe, it } from "vitest"
import { fakeInstance } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const ada = { id: "n1", path: "/identities/ada" }
const line = {
  id: 2,
  at: 60_000,
  event: "api-key.created",
  identity: ada,
  actor: { id: "n2", path: null },
  address: "203.0.113.7",
  userAgent: "otter/1",
  through: { kind: "api-key", id: "k1" },
  details: { key: "k2" }
}
const first = { ...line, id: 1, at: 0, event: "sign-in", actor: null, through: null, details: null }

describe("portico audit", () => {
  it("prints who did what, the newest last", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({ json: { lines: [line, first], next: 1 } }))
    const { exit, out } = await runCli(["audit", "--identity", "ada", "--event", "sign-in", "--tail", "2", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(
      out,
      '1970-01-01T00:00:00.000Z\tsign-in\t/identities/ada\t203.0.113.7\t\t\n1970-01-01T00:01:00.000Z\tapi-key.created\t/identities/ada by @n2\t203.0.113.7\tapi-key k1\t{"key":"k2"}\n'
    )
    assert.strictEqual(seen[0]?.path, "/gateway/v1/internal/auth/audit?limit=2&identity=ada&event=sign-in")
    const json = await runCli(["audit", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(json.out), { lines: [first, line] })
  })

  it("asks for what is younger than a time, and says what is wrong with one", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({ json: { lines: [] } }))
    const before = Date.now()
    assert.strictEqual((await runCli(["audit", "--since", "24h", "-i", url])).exit, 0)
    const since = Number(new URL(seen[0]?.path ?? "", url).searchParams.get("since"))
    assert.isAtLeast(since, before - 86_400_000)
    assert.isAtMost(since, Date.now() - 86_400_000)
    for (const wrong of [
      ["--since", "yesterday"],
      ["--tail", "0"],
      ["--tail", "1001"]
    ]) {
      assert.strictEqual((await runCli(["audit", ...wrong, "-i", url])).exit, 2)
    }
    assert.lengthOf(seen, 1)
  })
})
