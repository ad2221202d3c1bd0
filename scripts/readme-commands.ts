// Does what README.md tells a newcomer to do: copies the tracked files into an empty folder and runs every `sh` block
// there, in order, each as one script under `bash -e`. A block fenced as `sh in-background` starts a server: the script
// goes on when /readyz answers, and the server is stopped at the end. One fenced as `sh not-run` is left out. A comment
// `<!-- prints: TEXT -->` on the line before a block says what its output must contain.
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root, workspaceNode } from "./workspace.mjs"

const fence = /^(?:<!-- prints: (.+) -->\n)?```sh( in-background| not-run)?\n([\s\S]*?)^```$/gm
const readyUrl = (script: string): string => `http://localhost:${/--port (\d+)/.exec(script)?.[1] ?? 4000}/readyz`

const folder = mkdtempSync(join(tmpdir(), "portico-readme-"))
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8"
})
for (const file of files.split("\0").filter((name) => name !== "")) {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  cpSync(join(root, file), join(folder, file), { force: true })
}

// A newcomer's PATH: without this workspace's tools.
const path = (process.env.PATH ?? "")
  .split(":")
  .filter((entry) => !entry.startsWith(root) && entry !== dirname(workspaceNode()))
  .join(":")
const env = { ...process.env, PATH: path }

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false
  )

const servers: Array<ReturnType<typeof spawn>> = []
const startServer = async (script: string): Promise<boolean> => {
  const url = readyUrl(script)
  if (await answers(url)) {
    console.error(`Something already answers at ${url}; stop it first.`)
    return false
  }
  const server = spawn("bash", ["-ec", `exec env ${script.trim().replace(/\s+#.*$/, "")}`], {
    cwd: folder,
    env,
    stdio: "inherit"
  })
  servers.push(server)
  const deadline = Date.now() + 180_000
  while (Date.now() < deadline && server.exitCode === null) {
    if (await answers(url)) return true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  console.error(`The server was not ready in 180 s: ${script}`)
  return false
}

const stopServers = async (): Promise<boolean> => {
  let clean = true
  for (const server of servers) {
    if (server.exitCode !== null) continue
    const exited = new Promise<number | null>((resolve) => server.once("exit", resolve))
    server.kill("SIGTERM")
    if ((await exited) !== 0) {
      clean = false
      console.error(`The server ended with ${server.exitCode} on SIGTERM, not with 0.`)
    }
  }
  return clean
}

const runScript = (script: string, printed: string | undefined): boolean => {
  const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    timeout: 600_000
  })
  console.log(stdout)
  if (status !== 0) return false
  if (printed === undefined || stdout.includes(printed)) return true
  console.error(`It should have printed ${printed}`)
  return false
}

let failed = false
let ran = 0
for (const [, printed, mode, script = ""] of readFileSync(join(folder, "README.md"), "utf8").matchAll(fence)) {
  if (mode === " not-run") continue
  ran++
  console.log(script.trim().replace(/^/gm, "$ "))
  const ok = mode === " in-background" ? await startServer(script) : runScript(script, printed)
  if (ok) continue
  failed = true
  console.error("This command of the README failed.")
  break
}
if (!(await stopServers())) failed = true
rmSync(folder, { recursive: true, force: true })
if (ran === 0) failed = true
console.log(`${ran} command blocks of the README run`)
process.exitCode = failed ? 1 : 0
