/** What is no placeholder although a question mark may be in it: texts, names, comments. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d*)/g

/** The statement with PostgreSQL's placeholders: `?` is the next of `$1`, `$2`, …, and `?3` is `$3`. */
export const numbered = (sql: string): string => {
  let last = 0
  return sql.replace(tokens, (token: string, digits: string | undefined) => {
    if (digits === undefined) return token
    return digits === "" ? `$${++last}` : `$${digits}`
  })
}
