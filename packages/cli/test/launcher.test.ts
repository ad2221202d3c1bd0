import { spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it, type TestContext } from "vitest"
import { temporaryFolder } from "./support/runCli.ts"

const launcher = fileURLToPath(new URL("../bin/portico.mjs", import.meta.url))

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The package as npm would lay it out, below a folder of its own; `engines` says how new its Node has to be. */
const packaged = (test: TestContext, engines: string) => {
  const root = temporaryFolder(test)
  const folder = join(root, "packages", "cli")
  write(join(folder, "package.json"), JSON.stringify({ type: "module", engines: { node: engines } }))
  mkdirSync(join(folder, "bin"))
  copyFileSync(launcher, join(folder, "bin", "portico.mjs"))
  write(join(folder, "dist", "main.js"), 'console.log("published", ...process.argv.slice(2)); process.exitCode = 5')
  return { root, folder }
}

const start = (folder: string, env: NodeJS.ProcessEnv = {}) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(folder, "bin", "portico.mjs"), "ls", "a b"], {
    encoding: "utf8",
    env: { ...process.env, ...env }
  })
  return { status, stderr, stdout }
}

describe("the launcher", () => {
  it("runs what was published, with its arguments and exit code", (test) => {
    const { folder } = packaged(test, ">=20.0")
    assert.deepStrictEqual(start(folder), { status: 5, stderr: "", stdout: "published ls a b\n" })
  })

  it("runs a fresh bundle in a checkout", (test) => {
    const { folder, root } = packaged(test, ">=20.0")
    const bundle = join(root, "fresh.mjs")
    write(bundle, 'console.log("fresh", ...process.argv.slice(2))')
    write(join(root, "scripts", "bundle.mjs"), `export const ensureBundle = () => ${JSON.stringify(bundle)}`)
    assert.deepStrictEqual(start(folder), { status: 0, stderr: "", stdout: "fresh ls a b\n" })
  })

  it.skipIf(process.platform === "win32")("runs again on the packaged Node when its own is too old", (test) => {
    const { folder, root } = packaged(test, ">=99.0")
    const node = join(root, "node_modules", "node", "bin", "node")
    write(node, '#!/bin/sh\nshift\necho "new node: $*"\nexit 6\n')
    chmodSync(node, 0o755)
    assert.deepStrictEqual(start(folder), { status: 6, stderr: "", stdout: "new node: ls a b\n" })
  })

  it("says which Node it needs when there is none", (test) => {
    const { folder } = packaged(test, ">=99.7")
    const { status, stderr, stdout } = start(folder)
    assert.strictEqual(status, 1)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^portico: Node [\d.]+ is too old: it needs 99\.7 or newer\./)
  })

  it.skipIf(process.platform === "win32")("does not run again and again on a packaged Node that is too old", (test) => {
    const { folder, root } = packaged(test, ">=99.0")
    const node = join(root, "node_modules", "node", "bin", "node")
    write(node, `#!/bin/sh\nexec ${process.execPath} "$@"\n`)
    chmodSync(node, 0o755)
    const { status, stderr } = start(folder)
    assert.strictEqual(status, 1)
    assert.match(stderr, /is too old/)
    assert.lengthOf(stderr.trim().split("\n"), 1)
  })
})
