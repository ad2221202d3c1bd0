import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"

// A bus that starts nothing by itself, so that nobody's own keyring ever answers.
const busConfig = (folder: string) => `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=${folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

/**
 * Runs a file in a process that has a bus and a GNOME Keyring of its own, in a folder of their own. Gives what it printed,
 * or `undefined` where the machine has no `dbus-daemon` or no `gnome-keyring-daemon` (Debian: dbus, gnome-keyring).
 */
export const runWithSecretService = async (file: string): Promise<string | undefined> => {
  if (process.platform !== "linux") return undefined
  const folder = mkdtempSync(join(tmpdir(), "portico-keyring-"))
  const children: Array<ChildProcess> = []
  try {
    const config = join(folder, "bus.xml")
    writeFileSync(config, busConfig(folder))
    const bus = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--print-address=1"], {
      stdio: ["ignore", "pipe", "ignore"]
    })
    children.push(bus)
    if (!(await isThere(bus))) return undefined
    const [address] = await once(createInterface(bus.stdout), "line")
    const env = {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: String(address),
      XDG_RUNTIME_DIR: folder,
      XDG_DATA_HOME: folder
    }
    const keyring = spawn("gnome-keyring-daemon", ["--unlock", "--components=secrets", "--foreground"], {
      env,
      stdio: ["pipe", "ignore", "ignore"]
    })
    children.push(keyring)
    if (!(await isThere(keyring))) return undefined
    // The password of a keyring that is made by that.
    keyring.stdin.end("password\n")
    const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] })
    children.push(child)
    return await text(child.stdout)
  } finally {
    for (const child of children) child.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether the command could be run. */
const isThere = (child: ChildProcess): Promise<boolean> =>
  once(child, "spawn").then(
    () => true,
    () => false
  )
