/**
 * Which writing system a slug is in. The scripts are those that UTS 31 recommends for identifiers; the ones
 * whose letters are mostly copies of Latin ones (Cherokee, Coptic, Lisu, …) are not among them.
 */

const recommended = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Arabic",
  "Armenian",
  "Bengali",
  "Devanagari",
  "Ethiopic",
  "Georgian",
  "Gujarati",
  "Gurmukhi",
  "Hebrew",
  "Kannada",
  "Khmer",
  "Lao",
  "Malayalam",
  "Myanmar",
  "Oriya",
  "Sinhala",
  "Tamil",
  "Telugu",
  "Thaana",
  "Thai",
  "Tibetan"
]

/** Writing systems that use several scripts together: Japanese, Korean, Chinese with Bopomofo. */
const combined = [
  ["Han", "Hiragana", "Katakana"],
  ["Han", "Hangul"],
  ["Han", "Bopomofo"]
]

/** Scripts whose precomposed letters suffice: a mark left over after NFC is refused there. */
const withoutMarks = new Set(["Latin", "Cyrillic", "Greek"])

const pattern = (scripts: ReadonlyArray<string>): RegExp => {
  const extensions = scripts.map((script) => `\\p{scx=${script}}`).join("")
  const kinds = scripts.some((script) => withoutMarks.has(script)) ? "\\p{L}\\p{Nd}" : "\\p{L}\\p{M}\\p{Nd}"
  return new RegExp(`^(?:[0-9._~\\-]|[[${extensions}]&&[${kinds}]])+$`, "v")
}

let compiled: ReadonlyArray<RegExp> | undefined

const writingSystems = (): ReadonlyArray<RegExp> => {
  // Compiled when the first slug that is not ASCII comes by; most processes never see one.
  compiled ??= [...recommended.map((script) => [script]), ...combined].map(pattern)
  return compiled
}

/** Zero-width, fillers, variation selectors and whatever else is drawn as nothing. */
const invisible = /\p{Default_Ignorable_Code_Point}/u
const startsWithMark = /^\p{M}/u

/** True when all letters and marks are of one writing system and everything is visible. Expects NFC. */
export const isOneScript = (text: string): boolean =>
  !invisible.test(text) && !startsWithMark.test(text) && writingSystems().some((system) => system.test(text))
