import * as Context from "effect/Context"

/** Where text goes. `columns` is the width of the terminal, 80 where there is none. */
export interface Output {
  readonly write: (text: string) => void
  /** Once what was written has been taken by the other side; for what writes much. */
  readonly taken?: () => Promise<void>
  readonly terminal: boolean
  readonly columns: number
}

/** Where text comes from. */
export interface Input {
  /** Everything, once the other side has closed it. */
  readonly text: () => Promise<string>
  /** The same, as it comes. */
  readonly bytes?: () => AsyncIterable<Uint8Array>
  /** The next line, without its break; empty at the end. */
  readonly line: () => Promise<string>
  /** The next line from a terminal that does not show it, asked for with `prompt`. */
  readonly secret: (prompt: string) => Promise<string>
  readonly terminal: boolean
}

/**
 * The world as the command sees it. `main.ts` makes one from the process;
 * tests make one from strings.
 *
 * Data goes to `out`, words for a human go to `err`.
 *
 * @example
 * ```ts
 * import type { Io } from "./Io.ts"
 *
 * const written: Array<string> = []
 * const io: Io = {
 *   out: { write: (text) => written.push(text), terminal: false, columns: 80 },
 *   err: { write: () => {}, terminal: false, columns: 80 },
 *   stdin: { text: async () => "", line: async () => "", secret: async () => "", terminal: false },
 *   env: {}
 * }
 * ```
 */
export interface Io {
  readonly out: Output
  readonly err: Output
  readonly stdin: Input
  /** Opens a URL in a browser of this machine. `false` where none opens; missing where there is none. */
  readonly browse?: (url: string) => Promise<boolean>
  /** The environment, e.g. `PORTICO_URL`. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The `Io` of the command that is running. */
export class CurrentIo extends Context.Service<CurrentIo, Io>()("portico/CurrentIo") {}
