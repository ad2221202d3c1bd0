/**
 * A browser of this machine.
 */
/** A program and its arguments, the URL being the last one. */
export interface BrowserCommand {
  readonly program: string
  readonly args: ReadonlyArray<string>
}

type Env = Readonly<Record<string, string | undefined>>

const isThere = (text: string | undefined): text is string => text !== undefined && text !== ""

/**
 * What opens a URL here, if anything does: `BROWSER`, or what the system has. Over SSH, and without a screen, it would
 * be a browser that nobody sees. `BROWSER=none` is nothing.
 */
export const browserCommand = (platform: NodeJS.Platform, env: Env): BrowserCommand | undefined => {
  if (isThere(env.BROWSER)) return env.BROWSER === "none" ? undefined : { program: env.BROWSER, args: [] }
  if (isThere(env.SSH_CONNECTION)) return undefined
  if (platform === "darwin") return { program: "open", args: [] }
  if (platform === "win32") return { program: "rundll32", args: ["url.dll,FileProtocolHandler"] }
  return isThere(env.DISPLAY) || isThere(env.WAYLAND_DISPLAY) ? { program: "xdg-open", args: [] } : undefined
}

/** Milliseconds after which a program that still runs has opened something. */
const patience = 2_000

/** Runs it with a URL, and goes on without it. Whether it did not fail at once. */
export const browseBy =
  ({ args, program }: BrowserCommand) =>
  async (url: string): Promise<boolean> => {
    const { spawn } = await import("node:child_process")
    return new Promise((resolve) => {
      const child = spawn(program, [...args, url], { detached: true, stdio: "ignore" })
      const goOn = setTimeout(() => resolve(true), patience)
      const ended = (isOpen: boolean) => {
        clearTimeout(goOn)
        resolve(isOpen)
      }
      child.once("error", () => ended(false))
      child.once("exit", (code) => ended(code === 0))
      child.unref()
    })
  }
