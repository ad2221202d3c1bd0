import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, result, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const call = (method: string) => `/:kernel.portico.dev:class.Domain:${method}`
const crm = { origin: "crm.example.dev", contractId: "sha256:ab", version: null, runs: "in process", installedAt: 0 }
const plan = {
  origin: "crm.example.dev",
  unchanged: false,
  added: ["class.Contact"],
  changed: [],
  removed: [],
  renamed: [{ from: "class.Person.property.mail", to: "class.Contact.property.email" }],
  breaking: [{ subject: "class.Project.property.title", reason: "is required now" }],
  violations: [
    {
      subject: "class.Project.property.title",
      reason: "is required, and not there",
      count: 12,
      examples: [
        { id: "1", path: "/projects/apollo" },
        { id: "2", path: "/projects/zeus" }
      ]
    }
  ],
  orphaned: [{ subject: "class.Old", count: 1 }],
  kept: [{ subject: "class.Older", count: 2 }],
  dependents: [
    { origin: "user.example.dev", uses: ["interface.Item"] },
    { origin: "other.example.dev", uses: [] }
  ],
  missing: [],
  owns: [{ path: "/contacts", state: "new" }],
  authority: {
    acts: { nodes: ["/projects"], perms: ["READ", "EDIT"] },
    grants: { everyone: [], authenticated: ["READ", "USE"] }
  }
}
const outcome = { origin: "crm.example.dev", contractId: "sha256:ab", installed: true, plan }

describe("portico domain list", () => {
  it("prints a row per domain, and an array with --json", async (test) => {
    const { url } = await fakeInstance(test, routes({ [call("list")]: result({ domains: [crm] }) }))
    assert.strictEqual((await runCli(["domain", "list", "-i", url])).out, "crm.example.dev\t\tin process\tsha256:ab\n")
    assert.deepStrictEqual(JSON.parse((await runCli(["domain", "ls", "-i", url, "--json"])).out), [crm])
  })
})

describe("portico domain install", () => {
  it("installs a bundled domain by its origin and a worker by its URL", async (test) => {
    const { url, seen } = await fakeInstance(test, routes({ [call("install")]: result(outcome) }))
    await runCli(["domain", "install", "crm.example.dev", "-i", url])
    await runCli(["domain", "install", "https://crm.example.dev", "--dry-run", "--accept-breaking", "-i", url])
    await runCli([
      "domain",
      "install",
      "crm.example.dev",
      "--delete-orphans",
      "Old",
      "--delete-orphans",
      "met",
      "--keep-orphans",
      "Older",
      "-i",
      url
    ])
    assert.deepStrictEqual(
      seen.map((one) => (one.body as { readonly params: unknown }).params),
      [
        { local: "crm.example.dev" },
        { url: "https://crm.example.dev", dryRun: true, policy: { breaking: "accept" } },
        { local: "crm.example.dev", policy: { orphans: { Older: "keep", Old: "delete", met: "delete" } } }
      ]
    )
  })

  it("prints the plan on stdout and the outcome on stderr, which --quiet silences", async (test) => {
    const { url } = await fakeInstance(test, routes({ [call("install")]: result(outcome) }))
    const { exit, out, err } = await runCli(["domain", "install", "crm.example.dev", "-i", url])
    assert.strictEqual(exit, 0)
    assert.deepStrictEqual(out.trimEnd().split("\n"), [
      "origin\tcrm.example.dev",
      "contract\tsha256:ab",
      "added\tclass.Contact",
      "renamed\tclass.Person.property.mail to class.Contact.property.email",
      "breaking\tclass.Project.property.title: is required now",
      "stored\tclass.Project.property.title is required, and not there: 12 times, for example at /projects/apollo, /projects/zeus",
      "orphaned\tclass.Old: 1 node or edge",
      "kept\tclass.Older: 2 nodes or edges",
      "dependent\tuser.example.dev: uses interface.Item",
      "dependent\tother.example.dev",
      "owns\t/contacts (new)",
      "acts\twith its callers' READ, EDIT on /projects",
      "everyone\tgets nothing on its schema",
      "authenticated\tgets READ, USE on its schema"
    ])
    assert.strictEqual(err, "crm.example.dev is installed\n")
    const quiet = await runCli(["domain", "install", "crm.example.dev", "-q", "-i", url])
    assert.strictEqual(quiet.err, "")
    assert.strictEqual(quiet.out, out)
  })

  it("breaks the lines of a plan at spaces where a terminal is 80 wide", async (test) => {
    const { url } = await fakeInstance(test, routes({ [call("install")]: result(outcome) }))
    const { out } = await runCli(["domain", "install", "crm.example.dev", "--dry-run", "-i", url], {
      terminal: true,
      env: { NO_COLOR: "1" }
    })
    const lines = out.trimEnd().split("\n")
    assert.isAtMost(Math.max(...lines.map((line) => line.length)), 80)
    assert.includeMembers(lines, [
      "stored         class.Project.property.title is required, and not there: 12",
      "               times, for example at /projects/apollo, /projects/zeus"
    ])
  })

  it("exits with 1 when it is installed and its postInstall failed", async (test) => {
    const postInstall = { status: "failed", code: "TIMEOUT", message: "it took too long" }
    const failed = result({ ...outcome, plan: { ...plan, postInstall } })
    const { url } = await fakeInstance(test, routes({ [call("install")]: failed }))
    const { exit, out, err } = await runCli(["domain", "install", "crm.example.dev", "-i", url])
    assert.strictEqual(exit, 1)
    assert.include(out, "contract\tsha256:ab\n")
    assert.match(err, /^crm\.example\.dev is installed\nportico: TIMEOUT: its postInstall failed: it took too long\. /)
  })

  it("exits with 6 when another install of it is under way", async (test) => {
    const { url } = await fakeInstance(test, () => refusal(409, "INSTALL_IN_PROGRESS", "it is being installed"))
    assert.strictEqual((await runCli(["domain", "install", "crm.example.dev", "-i", url])).exit, 6)
  })
})

describe("portico domain uninstall", () => {
  const done = routes({ [call("uninstall")]: result({ origin: "crm.example.dev", uninstalled: true }) })
  const argv = ["domain", "uninstall", "crm.example.dev"]

  it("asks on a terminal, and does nothing unless the answer is yes", async (test) => {
    const { url, seen } = await fakeInstance(test, done)
    const no = await runCli([...argv, "-i", url], { terminal: true, stdin: "\n", env: { NO_COLOR: "1" } })
    assert.strictEqual(no.exit, 1)
    assert.include(no.err, "Take crm.example.dev out of this instance? [y/N] ")
    assert.lengthOf(seen, 0)
    const yes = await runCli([...argv, "-i", url], { terminal: true, stdin: "y\n" })
    assert.strictEqual(yes.exit, 0)
    assert.lengthOf(seen, 1)
  })

  it("needs --yes where there is nobody to ask", async (test) => {
    const { url, seen } = await fakeInstance(test, done)
    const refused = await runCli([...argv, "-i", url], { stdin: "y\n" })
    assert.strictEqual(refused.exit, 2)
    assert.include(refused.err, "Say --yes")
    assert.lengthOf(seen, 0)
    assert.strictEqual((await runCli([...argv, "--yes", "-i", url])).exit, 0)
  })
})
