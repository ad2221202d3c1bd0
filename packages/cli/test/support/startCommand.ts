import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestContext } from "vitest"
import { temporaryFolder } from "./runCli.ts"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

/** Starts the command in a process of its own, in a folder of its own; it is gone when the test is over. */
export const startCommand = (test: TestContext, args: ReadonlyArray<string>, toml?: string) => {
  const cwd = temporaryFolder(test)
  if (toml !== undefined) writeFileSync(join(cwd, "portico.toml"), toml)
  const { PORTICO_DATA: _, ...env } = process.env
  const child = spawn(process.execPath, [main, "start", ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
  test.onTestFinished(() => void child.kill("SIGKILL"))
  let out = ""
  let err = ""
  child.stderr.on("data", (chunk) => {
    err += chunk
  })
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      out += chunk
      const url = /ready at (\S+)/.exec(out)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.once("exit", () => reject(new Error(`it ended before it was ready:\n${out}${err}`)))
  })
  // Whether it ever gets ready is not every test's question.
  ready.catch(() => {})
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  return { child, cwd, ready, ended, stderr: () => err, output: () => out + err }
}
