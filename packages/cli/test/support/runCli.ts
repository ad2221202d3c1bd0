import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestContext } from "vitest"
import { run } from "../../src/Cli.ts"
import type { Io } from "../../src/Io.ts"

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly terminal?: boolean
  /** What is typed, line by line, where the terminal does not show it. */
  readonly secrets?: ReadonlyArray<string>
  readonly columns?: number
  /** Somebody at a browser. */
  readonly browse?: Io["browse"]
}

export interface Outcome {
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** Runs the command with strings for a world. Its data folder is one that does not exist. */
export const runCli = async (argv: ReadonlyArray<string>, options: Options = {}): Promise<Outcome> => {
  let out = ""
  let err = ""
  const terminal = options.terminal ?? false
  const columns = options.columns ?? 80
  const secrets = [...(options.secrets ?? [])]
  const io: Io = {
    out: {
      write: (text) => {
        out += text
      },
      terminal,
      columns
    },
    err: {
      write: (text) => {
        err += text
      },
      terminal,
      columns
    },
    stdin: {
      text: async () => options.stdin ?? "",
      line: async () => (options.stdin ?? "").split("\n")[0] ?? "",
      secret: async (prompt) => {
        err += `${prompt}\n`
        return secrets.shift() ?? ""
      },
      terminal
    },
    ...(options.browse === undefined ? {} : { browse: options.browse }),
    env: { PORTICO_DATA: "/nonexistent/portico-test", HOME: "/nonexistent/portico-test", ...options.env }
  }
  const exit = await run(argv, io)
  return { exit, out, err }
}

/** A folder that is gone when the test is over. */
export const temporaryFolder = (test: Pick<TestContext, "onTestFinished">): string => {
  const folder = mkdtempSync(join(tmpdir(), "portico-cli-"))
  test.onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
