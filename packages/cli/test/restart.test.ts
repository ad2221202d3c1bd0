import { assert, describe, it } from "vitest"
import { type Answer, fakeInstance, refusal, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const prefix = "/gateway/v1/internal/modules"
const state = (id: string, status = "ready", reason: string | null = null) => ({
  id,
  displayName: id,
  status,
  since: 0,
  reason,
  waitingOn: []
})
const kernel = state("kernel")
const auth = state("auth")

const answers = (restarted: Answer = { json: { modules: [kernel, auth] } }) =>
  routes({
    [prefix]: { json: { modules: [state("database"), kernel, auth] } },
    [`${prefix}/kernel`]: { json: { ...kernel, blastRadius: ["kernel", "auth"] } },
    [`${prefix}/auth`]: { json: { ...auth, blastRadius: ["auth"] } },
    [`${prefix}/kernel/restart`]: restarted
  })

const posted = (seen: ReadonlyArray<{ readonly method: string }>) => seen.filter(({ method }) => method === "POST")

describe("portico restart", () => {
  it("says what it takes along, restarts, and prints the states afterwards", async (test) => {
    const { url, seen } = await fakeInstance(test, answers())
    const { exit, out, err } = await runCli(["restart", "kernel", "--yes", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(err, "Restarting kernel takes along what depends on it: auth.\n")
    assert.strictEqual(out, "kernel\tready\t1970-01-01T00:00:00.000Z\t\nauth\tready\t1970-01-01T00:00:00.000Z\t\n")
    assert.lengthOf(posted(seen), 1)
    const json = await runCli(["restart", "kernel", "-y", "--json", "-q", "-i", url])
    assert.strictEqual(json.err, "")
    assert.deepStrictEqual(JSON.parse(json.out), {
      module: "kernel",
      blastRadius: ["kernel", "auth"],
      modules: [kernel, auth]
    })
  })

  it("asks on a terminal, and restarts nothing unless the answer is yes", async (test) => {
    const { url, seen } = await fakeInstance(test, answers())
    const argv = ["restart", "kernel", "-i", url]
    const no = await runCli(argv, { terminal: true, stdin: "\n" })
    assert.strictEqual(no.exit, 1)
    assert.match(no.err, /^Restarting kernel takes along .*: auth\.\nRestart kernel\? \[y\/N\] /)
    assert.lengthOf(posted(seen), 0)
    const yes = await runCli(argv, { terminal: true, stdin: "y\n", env: { NO_COLOR: "1" } })
    assert.strictEqual(yes.exit, 0)
    assert.match(yes.out, /^MODULE {2}STATE {2}SINCE +REASON\nkernel +ready +\d+ d ago\n/)
    assert.lengthOf(posted(seen), 1)
  })

  it("needs --yes where there is nobody to ask, and with --no-input", async (test) => {
    const { url, seen } = await fakeInstance(test, answers())
    const piped = await runCli(["restart", "auth", "-i", url], { stdin: "y\n" })
    assert.strictEqual(piped.exit, 2)
    assert.strictEqual(
      piped.err,
      "Restarting auth takes no other module along.\nportico: USAGE: there is nobody to ask. Say --yes\n"
    )
    const silent = await runCli(["restart", "auth", "--no-input", "-i", url], { stdin: "y\n", terminal: true })
    assert.strictEqual(silent.exit, 2)
    assert.lengthOf(posted(seen), 0)
  })

  it("exits with 1 when a module does not come up again", async (test) => {
    const out = state("auth", "degraded", "no key")
    const { url } = await fakeInstance(test, answers({ json: { modules: [kernel, out] } }))
    const outcome = await runCli(["restart", "kernel", "-yq", "-i", url])
    assert.strictEqual(outcome.exit, 1)
    assert.include(outcome.out, "auth\tdegraded\t1970-01-01T00:00:00.000Z\tno key\n")
    assert.strictEqual(outcome.err, "portico: NOT_READY: not ready again: auth. The instance's log says more\n")
  })

  it("exits with 5 for a module that there is not, with the one that was meant", async (test) => {
    const { url, seen } = await fakeInstance(test, answers())
    const { exit, out, err } = await runCli(["restart", "kernal", "--yes", "-i", url])
    assert.strictEqual(exit, 5)
    assert.strictEqual(out, "")
    assert.strictEqual(err, 'portico: NOT_FOUND: there is no module "kernal"; did you mean kernel?\n')
    assert.include((await runCli(["restart", "mcp", "--yes", "-i", url])).err, "There are database, kernel, auth\n")
    assert.lengthOf(posted(seen), 0)
  })

  it("exits with 3, 4 and 7 when it is not signed in, not an operator, or the instance cannot", async (test) => {
    const refusing = async (status: number, code: string) => {
      const { url } = await fakeInstance(test, () => refusal(status, code, "this is why"))
      return runCli(["restart", "kernel", "--yes", "-i", url])
    }
    assert.strictEqual((await refusing(401, "UNAUTHENTICATED")).exit, 3)
    const denied = await refusing(403, "PERMISSION_DENIED")
    assert.strictEqual(denied.exit, 4)
    assert.match(denied.err, /^portico: PERMISSION_DENIED: this is why\. Give an operator's token/)
    assert.strictEqual((await refusing(503, "UNAVAILABLE")).exit, 7)
  })
})
