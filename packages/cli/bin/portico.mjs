#!/usr/bin/env node
// Starts the command on a Node that is new enough. Plain JavaScript that Node 20 understands.
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const packageFolder = dirname(here)
// In a checkout the package is packages/cli, and the scripts that bundle it are beside packages/.
const workspaceScripts = join(packageFolder, "..", "..", "scripts")
const bundleScript = join(workspaceScripts, "bundle.mjs")

const oldest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")).engines.node.replace(/[^\d.]/g, "")

const isNewEnough = (version) => {
  const [major, minor] = version.split(".").map(Number)
  const [neededMajor, neededMinor = 0] = oldest.split(".").map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}

/** The binary of the npm package `node`, in any node_modules from here upward. */
const packagedNode = () => {
  const name = process.platform === "win32" ? "node.exe" : "node"
  for (let folder = packageFolder; ; folder = dirname(folder)) {
    const binary = join(folder, "node_modules", "node", "bin", name)
    if (existsSync(binary)) return binary
    if (folder === dirname(folder)) return undefined
  }
}

const runAgainOn = (binary) => {
  const child = spawn(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, PORTICO_NODE: binary }
  })
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  process.on("SIGINT", () => {
    // Ctrl-C reaches the whole process group; a second one would end the command before it has stopped properly.
    if (!process.stdin.isTTY) child.kill("SIGINT")
  })
  child.on("error", (error) => {
    console.error(`portico: cannot run ${binary}: ${error.message}`)
    process.exitCode = 1
  })
  child.on("exit", (code, signal) => {
    const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
    process.exitCode = code ?? 128 + (numbers[signal] ?? 0)
  })
}

const start = async () => {
  const entry = existsSync(bundleScript)
    ? (await import(pathToFileURL(bundleScript).href)).ensureBundle()
    : join(packageFolder, "dist", "main.js")
  await import(pathToFileURL(entry).href)
}

if (isNewEnough(process.versions.node)) {
  await start()
} else {
  const binary = process.env.PORTICO_NODE === undefined ? packagedNode() : undefined
  if (binary !== undefined) {
    runAgainOn(binary)
  } else {
    console.error(
      `portico: Node ${process.versions.node} is too old: it needs ${oldest} or newer. Get one from https://nodejs.org`
    )
    process.exitCode = 1
  }
}
