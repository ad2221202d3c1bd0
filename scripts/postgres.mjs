// A PostgreSQL server for one run of the tests, where the machine has its programs. Nothing outlives the run, so nothing
// is ever synced: a test's database comes in thirty milliseconds and goes in ten, instead of half a second each.
import { spawn, spawnSync } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"

const settings = [
  "fsync=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_connections=300",
  "autovacuum=off",
  "listen_addresses=127.0.0.1"
]

const debian = "/usr/lib/postgresql"

/** The folder of PostgreSQL's programs: one on the path, or where Debian puts the newest. */
const findPrograms = () => {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...versions.map((one) => join(debian, one, "bin"))]
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")))
}

/** Who runs it: PostgreSQL refuses to be root. `undefined` where root has nobody to be instead. */
const findUser = () => {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout || Number.NaN)
  const [uid, gid] = [idOf("-u"), idOf("-g")]
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

// It ends, and its folder with it, when the pipe that it reads from does: also if this process is killed.
const whileRead = 'trap "" INT TERM; "$@" & cat >/dev/null; kill -QUIT $!; wait; rm -rf "$0"'

/**
 * Starts one. Gives its URL, `postgres://…`, and how it is stopped; `undefined` where there are no programs for it or
 * they do not start, so that another server has to be found.
 */
export const startPostgres = async () => {
  const [programs, user] = [findPrograms(), findUser()]
  if (programs === undefined || user === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), "portico-postgres-"))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, "data")
  const initialised = spawnSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
    { ...user, cwd: folder, stdio: "ignore" }
  )
  if (initialised.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  const port = await freePort()
  const server = spawn(
    "sh",
    [
      ...["-c", whileRead, folder, join(programs, "postgres"), "-D", data, "-p", String(port), "-k", folder],
      ...settings.flatMap((setting) => ["-c", setting])
    ],
    { ...user, cwd: folder, stdio: ["pipe", "ignore", "pipe"], detached: true }
  )
  const ended = new Promise((resolve) => server.once("close", resolve))
  const stop = () => {
    server.stdin.end()
    return ended
  }
  const isReady = await new Promise((resolve) => {
    server.stderr.on("data", (said) => {
      if (String(said).includes("ready to accept connections")) resolve(true)
    })
    void ended.then(() => resolve(false))
  })
  if (isReady) return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
  await stop()
  return undefined
}
