import { describe, expect, it } from "vitest"
import { examplesOfMarkdown, examplesOfSource, isPrinted } from "../example-blocks.ts"

const fenced = (info: string, code: string): string => `\`\`\`${info}\n${code}\n\`\`\`\n`

describe("examples of a Markdown text", () => {
  it("are its ts blocks, each with its line and what is to be done with it", () => {
    const text = `# Title\n\n${fenced("ts", "run()")}\n${fenced("ts no-run", "serve()")}${fenced("ts sketch", "…")}`
    const { examples, problems } = examplesOfMarkdown(text, "a.md")
    expect(problems).toEqual([])
    expect(examples.map(({ code, line, mode }) => [line, mode, code])).toEqual([
      [3, "run", "run()\n"],
      [7, "no-run", "serve()\n"],
      [10, "sketch", "…\n"]
    ])
  })

  it("are files where their first line names one, and no two the same", () => {
    const text = fenced("ts", "// src/Notes.ts\nexport {}") + fenced("ts", "// not a file") + fenced("sh", "// a.ts")
    expect(examplesOfMarkdown(text, "a.md").examples.map(({ file }) => file)).toEqual(["src/Notes.ts", undefined])
    expect(examplesOfMarkdown(text + text, "a.md").problems).toEqual([
      "a.md:11: another block of this text is src/Notes.ts already"
    ])
  })

  it("say what they print, … standing for anything on a line", () => {
    const said = `${fenced("ts", "// src/a.ts\nrun()")}\n<!-- printed by src/a.ts -->\n${fenced("text", "one (…)\ntwo")}`
    const { examples, problems } = examplesOfMarkdown(said, "a.md")
    expect(problems).toEqual([])
    const [printed] = examples[0]?.prints ?? []
    expect(printed).toMatchObject({ line: 6, text: "one (…)\ntwo\n" })
    const prints = (output: string): boolean => printed !== undefined && isPrinted(output, printed)
    expect(["zero\none (1)\ntwo\n", "one (1\n)\ntwo\n", "one 1\ntwo\n"].map(prints)).toEqual([true, false, false])
  })

  it("print nothing where nothing is run or shown", () => {
    const marker = "<!-- printed by src/a.ts -->\n"
    for (const text of [fenced("ts no-run", "// src/a.ts\nrun()") + marker + fenced("text", "one"), marker]) {
      expect(examplesOfMarkdown(text, "a.md").problems.map((problem) => problem.split(": ")[1])).toEqual([
        "needs a block after it, and another that is run and named src/a.ts"
      ])
    }
  })

  it("are not passed over where the fence is misspelt or indented", () => {
    const text = `${fenced("ts norun", "")}${fenced("typescript", "")}  ${fenced("ts", "")}`
    expect(examplesOfMarkdown(text, "a.md").problems.map((problem) => problem.split(" is none of")[0])).toEqual([
      "a.md:1: ```ts norun",
      "a.md:4: ```typescript",
      "a.md:7: ```ts"
    ])
  })
})

const docstring = (...lines: ReadonlyArray<string>): string =>
  `const a = 1\n\n  /**\n${lines.map((line) => `   * ${line}\n`).join("")}   */\n`

describe("examples of a source file", () => {
  it("are the blocks of its docstrings, with their lines", () => {
    const { examples, problems } = examplesOfSource(docstring("@example", "```ts", "run()", "```"), "a.ts")
    expect(problems).toEqual([])
    expect(examples).toMatchObject([{ line: 5, code: "run()\n", mode: "run" }])
  })

  it("have a fence", () => {
    for (const lines of [["@example", "run()"], ["@example run()"], ["@example", "", "```ts", "```"], ["@example"]]) {
      expect(examplesOfSource(docstring(...lines), "a.ts").problems, lines.join("|")).toEqual([
        "a.ts:4: this @example is not followed by a block fenced as ts"
      ])
    }
  })

  it("are not looked for outside of docstrings", () => {
    const source = `// @example\nconst mail = "ada@example.dev"\n/* \n${fenced("ts norun", "")}*/`
    expect(examplesOfSource(source, "a.ts")).toEqual({ examples: [], problems: [] })
  })
})
