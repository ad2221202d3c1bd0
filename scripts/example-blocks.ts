// Finds the TypeScript examples of a text: fenced `ts` blocks of Markdown, and those of docstrings. Pure.

/** One block, and what is to be done with it. */
export interface Example {
  readonly path: string
  /** Of the line that opens the fence, counted from 1. */
  readonly line: number
  readonly code: string
  readonly mode: "run" | "no-run" | "sketch"
  /** Named by a first line `// src/Notes.ts` in Markdown: the other blocks of that text import it by this name. */
  readonly file: string | undefined
  /** What the text says that it prints: blocks of Markdown that come after a line `<!-- printed by src/Notes.ts -->`. */
  readonly prints: ReadonlyArray<Printed>
}

export interface Printed {
  readonly line: number
  /** `…` stands for anything on its line. */
  readonly text: string
}

/** The blocks of a text, and what is wrong with how they are written: sentences that begin with their place. */
export interface Found {
  readonly examples: ReadonlyArray<Example>
  readonly problems: ReadonlyArray<string>
}

const modes = new Map<string, Example["mode"]>([
  ["```ts", "run"],
  ["```ts no-run", "no-run"],
  ["```ts sketch", "sketch"]
])

const block = /^(```ts.*)\n([\s\S]*?)^```$/gm
const fileName = /^\/\/ ((?:[\w-]+\/)*[\w.-]+\.ts)\n/
const opening = /^[ \t]*(```(?:ts|tsx|typescript)\b.*)$/gm
const printedBy = /^<!-- printed by (.+) -->(?:\n```[a-z]+\n([\s\S]*?)^```$)?/gm
const exampleTag = /^[ \t]*@example\b.*$/gm

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

const blocks = (text: string, path: string): ReadonlyArray<Example> =>
  [...text.matchAll(block)].flatMap(({ 1: fence = "", 2: code = "", index }) => {
    const mode = modes.get(fence)
    return mode === undefined ? [] : [{ path, line: lineOf(text, index), code, mode, file: undefined, prints: [] }]
  })

/** Fences that mean TypeScript and would be passed over. */
const mistaken = (text: string, path: string): ReadonlyArray<string> =>
  [...text.matchAll(opening)]
    .filter(([line]) => !modes.has(line))
    .map(
      ({ 1: fence, index }) =>
        `${path}:${lineOf(text, index)}: ${fence} is none of ${[...modes.keys()].join(", ")} at the start of a line`
    )

/** `@example` tags whose next line opens no block. */
const unfenced = (text: string, path: string): ReadonlyArray<string> =>
  [...text.matchAll(exampleTag)]
    .filter(({ 0: tag, index }) => !modes.has(text.slice(index + tag.length + 1).split("\n", 1)[0] ?? ""))
    .map(({ index }) => `${path}:${lineOf(text, index)}: this @example is not followed by a block fenced as ts`)

/** Blocks that take the name of an earlier one. */
const namedTwice = (examples: ReadonlyArray<Example>): ReadonlyArray<string> =>
  examples
    .filter(({ file }, index) => file !== undefined && examples.findIndex((other) => other.file === file) < index)
    .map(({ file, line, path }) => `${path}:${line}: another block of this text is ${file} already`)

/** What is said to be printed, by the name of the block that prints it. */
const printed = (text: string): ReadonlyArray<Printed & { readonly by: string | undefined }> =>
  [...text.matchAll(printedBy)].map(({ 1: by, 2: output = "", index }) => ({
    by,
    line: lineOf(text, index),
    text: output
  }))

/** What is said to be printed by a block that is not run, or is nothing. */
const unprinted = (text: string, path: string, examples: ReadonlyArray<Example>): ReadonlyArray<string> =>
  printed(text)
    .filter(
      ({ by, text: output }) => output === "" || !examples.some(({ file, mode }) => file === by && mode === "run")
    )
    .map(({ by, line }) => `${path}:${line}: needs a block after it, and another that is run and named ${by}`)

/** The blocks of a Markdown text. */
export const examplesOfMarkdown = (text: string, path: string): Found => {
  const examples = blocks(text, path).map((example) => {
    const file = fileName.exec(example.code)?.[1]
    return { ...example, file, prints: printed(text).filter(({ by }) => file !== undefined && by === file) }
  })
  return { examples, problems: [...mistaken(text, path), ...namedTwice(examples), ...unprinted(text, path, examples)] }
}

/** Whether a program printed what is expected of it. */
export const isPrinted = (output: string, { text }: Printed): boolean =>
  new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("…", "[^\n]*")).test(output)

const docstring = /\/\*\*[\s\S]*?\*\//g

/** The same text with the docstrings' leading stars removed and everything else blanked, so that lines still match. */
const docstringsOf = (source: string): string => {
  let text = ""
  let end = 0
  for (const match of source.matchAll(docstring)) {
    text += source.slice(end, match.index).replace(/[^\n]/g, "")
    text += match[0].replace(/^[ \t]*\*(?!\/) ?/gm, "").replace(/\*\/$/, "")
    end = match.index + match[0].length
  }
  return text
}

/** The blocks of a source file's docstrings. */
export const examplesOfSource = (source: string, path: string): Found => {
  const text = docstringsOf(source)
  return { examples: blocks(text, path), problems: [...mistaken(text, path), ...unfenced(text, path)] }
}
