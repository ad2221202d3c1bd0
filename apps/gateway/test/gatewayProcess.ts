import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "@portico/test-support/processes"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
/** The distro with modules that tell of their lives, and routes that take their time. */
export const toldMain = fileURLToPath(new URL("./fixtures/told.ts", import.meta.url))

/** The distro with the fault `PORTICO_TEST_FAULT` in the module `PORTICO_TEST_FAULTY`. */
export const faultyMain = fileURLToPath(new URL("./fixtures/faulty.ts", import.meta.url))

/** How a process ended, and all it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

export interface Gateway {
  readonly url: string
  readonly data: string
  readonly operatorToken: string
  readonly pid: number | undefined
  readonly output: () => string
  /** What it has logged so far: standard error. */
  readonly log: () => string
  /** Resolves once it has printed `text`. */
  readonly printed: (text: string) => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
  /** `POST /api/call` as the operator. */
  readonly call: (path: string, params?: unknown, token?: string | null) => Promise<Response>
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "portico-gateway-"))

/** Runs the distro as a process of its own; `ready` fails with what it printed if it ends before it is ready. */
export const spawnGateway = (
  data: string,
  env: Readonly<Record<string, string>> = {},
  program = main,
  port = 0
): { readonly ended: Promise<Ended>; readonly ready: Promise<Gateway> } => {
  const child = spawn(process.execPath, [program, "--port", String(port), "--data", data], {
    env: childEnvironment({ HOME: data, ...env }),
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  let log = ""
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, output }))
  })
  const ready = new Promise<Gateway>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const url = /is ready at (http:\/\/[^\s:]+:\d+)/.exec(output)?.[1]
      if (url === undefined) return
      const operatorToken = readFileSync(join(data, "operator.token"), "utf8").trim()
      resolve({
        url,
        data,
        operatorToken,
        pid: child.pid,
        output: () => output,
        log: () => log,
        printed: (text) =>
          new Promise((resolve) => {
            const look = (): void => {
              if (output.includes(text)) resolve()
            }
            look()
            child.stderr.on("data", look)
            child.stdout.on("data", look)
          }),
        signal: (signal) => child.kill(signal),
        ended,
        call: (path, params, token = operatorToken) =>
          fetch(`${url}/api/call`, {
            method: "POST",
            headers: {
              "content-type": "application/json",
              ...(token === null ? {} : { authorization: `Bearer ${token}` })
            },
            body: JSON.stringify({ path, ...(params === undefined ? {} : { params }) })
          })
      })
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    void ended.then(({ output }) => reject(new Error(`the gateway ended before it was ready:\n${output}`)))
  })
  // Who only waits for the end does not care that it never got ready.
  ready.catch(() => {})
  return { ended, ready }
}
