import type { Io, Output } from "../Io.ts"
import { askSecret } from "./askSecret.ts"
import { browseBy, browserCommand } from "./browser.ts"

const outputOf = (stream: NodeJS.WriteStream): Output => {
  // `portico ls / | head` closes the pipe early: that is not an error.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
  })
  return {
    write: (text) => {
      stream.write(text)
    },
    taken: () => untilTaken(stream),
    terminal: stream.isTTY === true,
    columns: stream.columns ?? 80
  }
}

/** A closed pipe takes nothing any more, and nobody waits for it. */
const untilTaken = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writableNeedDrain || stream.destroyed) return resolve()
    const settle = (): void => {
      stream.off("drain", settle)
      stream.off("close", settle)
      resolve()
    }
    stream.on("drain", settle)
    stream.on("close", settle)
  })

const readAll = async (): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

const readLine = async (): Promise<string> => {
  const { createInterface } = await import("node:readline/promises")
  const lines = createInterface({ input: process.stdin })
  try {
    for await (const line of lines) return line
    return ""
  } finally {
    lines.close()
  }
}

const readSecret = (prompt: string): Promise<string> =>
  askSecret(
    { input: process.stdin, output: process.stderr, interrupt: () => process.kill(process.pid, "SIGINT") },
    prompt
  )

const browse = (): Pick<Io, "browse"> => {
  const command = browserCommand(process.platform, process.env)
  return command === undefined ? {} : { browse: browseBy(command) }
}

/** The world of this process. */
export const processIo = (): Io => ({
  ...browse(),
  out: outputOf(process.stdout),
  err: outputOf(process.stderr),
  stdin: {
    text: readAll,
    bytes: () => process.stdin,
    line: readLine,
    secret: readSecret,
    terminal: process.stdin.isTTY === true
  },
  env: process.env
})
