// What every script needs to know of the workspace. Plain JavaScript: it runs on whatever Node (>= 20) the machine has.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The package manager this workspace is locked with. */
export const pnpmVersion = "12.21.0"

const nodeBinary = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node")
const installStamp = join(root, "node_modules", ".portico-installed")

/** Folders of all workspace packages, relative to the root, e.g. `packages/gate`. */
export const packageFolders = () =>
  ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, "package.json")))
  )

// The lockfile says what every manifest asks for, so a manifest that changed nothing else installs nothing.
const wantedInstall = () => {
  const hash = createHash("sha256")
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, file)))
  return hash.digest("hex")
}

/** Installs what the lockfile asks for, unless the last install was for the same lockfile. */
export const ensureInstalled = () => {
  const wanted = wantedInstall()
  if (existsSync(installStamp) && readFileSync(installStamp, "utf8") === wanted && existsSync(nodeBinary)) return
  console.error("Installing what is missing (first time, or the lockfile changed) …")
  const npx = process.platform === "win32" ? "npx.cmd" : "npx"
  const result = spawnSync(
    npx,
    ["--yes", `pnpm@${pnpmVersion}`, "install", "--frozen-lockfile", "--reporter=append-only"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
      encoding: "utf8"
    }
  )
  if (result.status !== 0) {
    console.error(`${result.stdout ?? ""}${result.stderr ?? ""}`)
    console.error("The install failed; the lines above say why.")
    process.exit(1)
  }
  writeFileSync(installStamp, wanted)
}

/** The Node that the workspace pins: scripts run on it even where the machine has an older one. */
export const workspaceNode = () => {
  if (existsSync(nodeBinary)) return nodeBinary
  console.error("The workspace's Node is missing: run `npm test` or `npm start` once, they install it.")
  process.exit(1)
}

/**
 * Environment for tools: the workspace's binaries, its Node among them, come first, and what every process would
 * compile anew is kept.
 */
export const toolEnvironment = (extra = {}) => ({
  NODE_COMPILE_CACHE: join(root, ".build", "compile-cache"),
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}`,
  ...extra
})

/** Runs the workspace's Node in the foreground; signals go to it, its exit code becomes ours. */
export const runNode = (args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(workspaceNode(), args, {
      stdio: "inherit",
      cwd: root,
      ...options,
      env: toolEnvironment(options.env)
    })
    // A terminal sends Ctrl-C to the child as well, and a second one means "at once"; so it is not sent on from here.
    const forward = (signal) => (signal === "SIGINT" && process.stdin.isTTY === true) || child.kill(signal)
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, forward)
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128 + (signal === "SIGINT" ? 2 : 15))))
  })

/** Newest modification time (ms) below the given files and folders. */
export const newestChange = (paths) => {
  let newest = 0
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return
    if (!stat.isDirectory()) {
      newest = Math.max(newest, stat.mtimeMs)
      return
    }
    for (const entry of readdirSync(path)) visit(join(path, entry))
  }
  for (const path of paths) visit(join(root, path))
  return newest
}

/** A folder for what scripts make; ignored by git. */
export const buildFolder = (name) => {
  const folder = join(root, ".build", name)
  mkdirSync(folder, { recursive: true })
  return folder
}
