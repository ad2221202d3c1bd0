import { errorCatalogue } from "@portico/schema"
import { assert, describe, it } from "vitest"
import { ExitCode, exitCodeOf } from "../src/ExitCode.ts"
import { type Answer, fakeInstance, refusal } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const classes: ReadonlyArray<readonly [exit: number, codes: ReadonlyArray<string>]> = [
  [1, ["INVALID_PARAMS", "INVALID_PATH", "METHOD_IS_STATIC", "CONSTRAINT_VIOLATED", "LIMIT_EXCEEDED"]],
  [1, ["INTERNAL", "NOT_IMPLEMENTED", "FETCH_BLOCKED", "STORAGE_FULL", "METHOD_NOT_ALLOWED"]],
  [3, ["UNAUTHENTICATED"]],
  [4, ["PERMISSION_DENIED"]],
  [5, ["NOT_FOUND", "CLASS_NOT_FOUND", "METHOD_NOT_FOUND", "CHANGES_EXPIRED"]],
  [6, ["PATH_CONFLICT", "REV_CONFLICT", "NOT_EMPTY", "CYCLE", "SCHEMA_CONFLICT", "SCHEMA_IN_USE", "CONTRACT_MISMATCH"]],
  [6, ["KEY_CHANGED", "IN_PROGRESS", "INSTALL_IN_PROGRESS", "IDEMPOTENCY_MISMATCH"]],
  [7, ["UNAVAILABLE", "TIMEOUT", "DISPATCH_FAILED", "RATE_LIMITED"]]
]

const statusOf = (code: string): number => {
  const found = Object.entries(errorCatalogue).find(([name]) => name === code)
  if (found === undefined) throw new Error(`${code} is not in the catalogue`)
  return found[1].status
}

describe("an error of the instance", () => {
  for (const [exit, codes] of classes) {
    for (const code of codes) {
      it(`${code} exits with ${exit}, and is told in one line on stderr`, async (test) => {
        const { url } = await fakeInstance(test, () => refusal(statusOf(code), code, "this is why"))
        const outcome = await runCli(["call", "/a::b", "-i", url])
        assert.strictEqual(outcome.exit, exit)
        assert.strictEqual(outcome.out, "")
        assert.match(outcome.err, new RegExp(`^portico: ${code}: this is why[^\\n]*\\n$`))
      })
    }
  }

  it("of every code of the catalogue has an exit code other than 0 and 2", () => {
    for (const [code, { status }] of Object.entries(errorCatalogue)) {
      const exit = exitCodeOf({ code, status })
      assert.notStrictEqual(exit, ExitCode.ok, code)
      assert.notStrictEqual(exit, ExitCode.usage, code)
    }
  })

  it("exits with 7 if nobody answers, and says how to start an instance", async (test) => {
    const { url } = await fakeInstance(test, () => ({ json: {} }))
    const gone = `${url.slice(0, url.lastIndexOf(":"))}:1`
    const { exit, err } = await runCli(["ls", "-i", gone])
    assert.strictEqual(exit, 7)
    assert.match(err, /^portico: UNAVAILABLE: .*--instance URL\n$/)
  })

  const nonsense: ReadonlyArray<readonly [string, Answer]> = [
    ["HTML", { json: "<html>a proxy</html>" }],
    ["another object", { json: { result: { nodes: "none" }, seq: 1 } }]
  ]
  for (const [what, answer] of nonsense) {
    it(`that is no answer at all (${what}) exits with 1`, async (test) => {
      const { url } = await fakeInstance(test, () => answer)
      const { exit, out } = await runCli(["ls", "-i", url])
      assert.strictEqual(exit, 1)
      assert.strictEqual(out, "")
    })
  }

  it("says what to do next", async (test) => {
    const details = { needs: ["EDIT"], on: "/contacts", phase: "resource" }
    const denied = await fakeInstance(test, () =>
      refusal(403, "PERMISSION_DENIED", "needs EDIT on /contacts.", details)
    )
    const { err } = await runCli(["call", "/a::b", "-i", denied.url])
    assert.strictEqual(
      err,
      "portico: PERMISSION_DENIED: needs EDIT on /contacts. Ask somebody who holds SHARE on /contacts to grant you EDIT there\n"
    )
    const anonymous = await fakeInstance(test, () => refusal(401, "UNAUTHENTICATED", "a credential is needed"))
    assert.include((await runCli(["ls", "-i", anonymous.url])).err, "--token-file FILE or PORTICO_TOKEN")
  })

  it("lists the issues of params that do not fit", async (test) => {
    const issues = [{ path: ["address", "city"], code: "type", message: "must be a string" }]
    const { url } = await fakeInstance(test, () => refusal(400, "INVALID_PARAMS", "the params do not fit", { issues }))
    const { err } = await runCli(["call", "/a::b", "-i", url])
    assert.match(
      err,
      /the params do not fit: address\.city: must be a string\. See the params: portico call PATH --desc/
    )
  })

  it("does not say twice what the message says already", async (test) => {
    const issues = [{ path: ["role"], code: "required", message: "must have required property 'role'" }]
    const message = "the params do not fit: role must have required property 'role'"
    const { url } = await fakeInstance(test, () => refusal(400, "INVALID_PARAMS", message, { issues }))
    const { err } = await runCli(["call", "/a::b", "-i", url])
    assert.strictEqual(err.split("must have required property").length, 2)
  })

  it("is told with details and causes on --debug", async (test) => {
    const { url } = await fakeInstance(test, () => refusal(500, "INTERNAL", "something failed"))
    const plain = await runCli(["call", "/a::b", "-i", url])
    assert.notInclude(plain.err, "req-1")
    const debug = await runCli(["call", "/a::b", "-i", url, "--debug"])
    assert.include(debug.err, '"requestId":"req-1"')
    assert.isAbove(debug.err.split("\n").length, 3)
  })

  it("cannot move the cursor or break its line", async (test) => {
    const { url } = await fakeInstance(test, () => refusal(404, "NOT_FOUND", "gone\n\u001b[2Jportico: OK\u202e"))
    const { err } = await runCli(["call", "/a::b", "-i", url])
    assert.match(err, /^portico: NOT_FOUND: gone\\n\\x1b\[2Jportico: OK\\u202e[^\n]*\n$/)
  })
})
