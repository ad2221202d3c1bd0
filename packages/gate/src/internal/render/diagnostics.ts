import type { Declaration, Diagnostic } from "../../Diagnostic.ts"
import { makePage, type Page, type RenderOptions } from "./page.ts"

export type { RenderOptions } from "./page.ts"

/** A report for a person: a headline, each finding with its places, guesses and fix, and how many there were. */
export const renderDiagnostics = (
  headline: string,
  diagnostics: ReadonlyArray<Diagnostic>,
  options?: RenderOptions
): string => {
  const page = makePage(options)
  const count = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const counts = [plural(count("error"), "error"), plural(count("warning"), "warning")].filter((text) => text !== "")
  return [
    ...page.wrap(page.style("bold", headline), 0),
    "",
    ...diagnostics.flatMap((diagnostic) => [...renderOne(page, diagnostic), ""]),
    counts.join(", ")
  ].join("\n")
}

const plural = (n: number, word: string): string => (n === 0 ? "" : `${n} ${word}${n === 1 ? "" : "s"}`)

const labels = 6
const margin = 8 + labels

/** Place and name on one line, or where these are too long for one, the name whole below. */
const placeLines = (page: Page, { place, what }: Declaration): ReadonlyArray<string> => {
  const where = page.place(place)
  const name = `(${what})`
  const isShort = margin + where.length + 1 + name.length <= page.width
  const styled = page.style("cyan", where)
  return isShort ? [`${styled} ${name}`] : [styled, name]
}

const renderOne = (page: Page, diagnostic: Diagnostic): ReadonlyArray<string> => {
  const code = page.style(diagnostic.severity === "error" ? "red" : "yellow", diagnostic.code)
  const label = (text: string): string => page.style("dim", text)
  return [
    ...page.wrap(`${code} ${diagnostic.severity === "warning" ? "(warning) " : ""}${diagnostic.message}`, 0, 8),
    ...diagnostic.places.flatMap((declaration, i) =>
      placeLines(page, declaration).flatMap((text, line) =>
        page.labelled(label(i + line === 0 ? "at" : ""), labels, text, 8)
      )
    ),
    ...diagnostic.candidates.flatMap((text) => page.labelled(label("hint"), labels, text, 8)),
    ...page.labelled(label("fix"), labels, diagnostic.fix, 8)
  ]
}
