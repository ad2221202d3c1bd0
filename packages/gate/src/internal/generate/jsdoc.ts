/** Text that may stand in a comment: nothing in it ends the comment. */
const inComment = (text: string): string => text.replaceAll("*/", "*\\/")

/** A JSDoc comment of these paragraphs, or nothing. Ends with a line break. */
export const jsdoc = (paragraphs: ReadonlyArray<string | undefined>, indent: string): string => {
  const said = paragraphs.map((text) => text?.trim()).filter((text) => text !== undefined && text !== "")
  const lines = inComment(said.join("\n\n"))
    .split(/\r\n?|[\n\u2028\u2029]/)
    .map((line) => line.trimEnd())
  const [first] = lines
  if (first === undefined || first === "") return ""
  if (lines.length === 1) return `${indent}/** ${first} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`
}
