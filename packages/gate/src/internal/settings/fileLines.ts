const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/
const assignment = /^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=(.*)$/
const part = /"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)/g

/**
 * The line of each dotted key of a TOML text, counted from 1. It knows tables and keys, not values: it is only for
 * telling people where to look, beside a parser that has read the text.
 */
export const fileLines = (text: string): Readonly<Record<string, number>> => {
  const lines: Record<string, number> = {}
  let table: ReadonlyArray<string> = []
  let until: string | undefined
  for (const [i, line] of text.split("\n").entries()) {
    if (until !== undefined) {
      if (line.includes(until)) until = undefined
      continue
    }
    const [, name] = header.exec(line) ?? []
    if (name !== undefined) table = parts(name)
    const [, key, value = ""] = assignment.exec(line) ?? []
    if (key !== undefined) until = opened(value)
    const path = key !== undefined ? [...table, ...parts(key)] : name === undefined ? [] : table
    if (path.length > 0) lines[path.join(".")] ??= i + 1
  }
  return lines
}

/** The quotes that end a text of several lines which starts in `value`. */
const opened = (value: string): string | undefined =>
  ['"""', "'''"].find((quotes) => value.includes(quotes) && value.indexOf(quotes) === value.lastIndexOf(quotes))

const parts = (name: string): ReadonlyArray<string> =>
  [...name.matchAll(part)].map(([, double, single, bare]) => double ?? single ?? bare ?? "")
