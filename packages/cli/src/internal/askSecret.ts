import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"

/** Where a secret is typed. */
export interface Keyboard {
  readonly input: NodeJS.ReadableStream
  readonly output: { readonly write: (text: string) => unknown }
  /** Ctrl-C: the terminal gives it to us as a key while nothing is shown. */
  readonly interrupt: () => void
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

/** Asks for a line on a terminal that does not show it. Empty where the input ends. */
export const askSecret = async ({ input, interrupt, output }: Keyboard, prompt: string): Promise<string> => {
  output.write(prompt)
  const lines = createInterface({ input, output: nowhere(), terminal: true, historySize: 0 })
  try {
    return await new Promise<string>((resolve) => {
      lines.once("line", resolve)
      lines.once("close", () => resolve(""))
      lines.once("SIGINT", () => {
        interrupt()
        resolve("")
      })
    })
  } finally {
    lines.close()
    output.write("\n")
  }
}
