import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "@portico/test-support/processes"
import * as Effect from "effect/Effect"

const fixture = fileURLToPath(new URL("../fixtures/slow.ts", import.meta.url))

/** A product in a process of its own. */
export interface Child {
  /** Waits until standard output or error holds `text`, and gives all of it so far. */
  readonly says: (text: string) => Effect.Effect<string>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly out: () => string
  readonly err: () => string
  /** Waits for the end: the exit code, or the signal that killed it. */
  readonly exit: Effect.Effect<number | NodeJS.Signals | null>
}

export const startChild = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd()
) =>
  Effect.acquireRelease(
    Effect.sync((): Child => {
      const child = spawn(process.execPath, [fixture, "--port", "0", ...args], {
        cwd,
        env: childEnvironment(env),
        stdio: ["ignore", "pipe", "pipe"]
      })
      const text = { out: "", err: "" }
      const listeners = new Set<() => void>()
      child.stdout.on("data", (data) => {
        text.out += data
        for (const listener of listeners) listener()
      })
      child.stderr.on("data", (data) => {
        text.err += data
        for (const listener of listeners) listener()
      })
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
        child.on("close", (code, signal) => resolve(code ?? signal))
      })
      return {
        out: () => text.out,
        err: () => text.err,
        kill: (signal) => Effect.sync(() => void child.kill(signal)),
        exit: Effect.promise(() => ended),
        says: (wanted) =>
          Effect.callback((resume) => {
            const look = () => {
              if (!text.out.includes(wanted) && !text.err.includes(wanted)) return
              listeners.delete(look)
              resume(Effect.succeed(text.out))
            }
            listeners.add(look)
            look()
            return Effect.sync(() => void listeners.delete(look))
          })
      }
    }),
    (child) => child.kill("SIGKILL")
  )

/** The URL in the ready line. */
export const urlOf = (out: string): string => /http:\/\/localhost:\d+/.exec(out)?.[0] ?? ""
