import { isAscii } from "./slugSyntax.ts"

/**
 * Pairs of a character and the one it is drawn like, the first of each pair looking like the second. From
 * `confusables.txt` (UTS 39), as far as letters and digits that a slug may have are concerned. Compatibility forms
 * (full-width, mathematical, superscript, ligatures) are folded by NFKD before this table is asked.
 */
const pairs: ReadonlyArray<readonly [from: string, to: string]> = [
  // Cyrillic
  ["аеорсухіјѕһԁԛԝӏѵ", "aeopcyxijshdqwlv"],
  ["АВЕЅІЈКМНОРСТУХҮԌԚԜѴӀЗб", "ABESIJKMHOPCTYXYGQWVl36"],
  ["гкпьғ", "rĸnbғ"],
  // Greek
  ["αγικνορτυχϲϳ", "ayiĸvoptuxcj"],
  ["ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϿ", "ABEZHIKMNOPTYXCƆ"],
  ["ѲѳӨө", "ƟɵƟɵ"],
  ["Θθϴ", "ƟɵƟ"],
  ["ПГФΛЛ", "ΠΓΦΛΛ"],
  ["єэԑ", "ɛɜɛ"],
  ["ε", "ɛ"],
  ["βẞω", "ßßɯ"],
  // Armenian
  ["օսոհցզՏՕՍԼ", "ounhgqSOUL"],
  // Latin look-alikes of Latin
  ["ıɑɡɩʋƖǀǃı", "iagivlllı"],
  // Digits of other scripts that are drawn as a Latin letter or digit
  ["०০੦૦௦౦೦൦๐໐၀٠۰", "ooooooooooo.."],
  ["ߋଠဝ", "ooo"],
  ["١۱٥۵", "11oo"],
  // Letters of Hebrew and Arabic that stand alone
  ["וןס", "llo"],
  ["اهھہە", "loooo"]
]

let table: ReadonlyMap<string, string> | undefined

const prototypes = (): ReadonlyMap<string, string> => {
  if (table !== undefined) return table
  const made = new Map<string, string>()
  for (const [from, to] of pairs) {
    const targets = [...to]
    for (const [index, char] of [...from].entries()) {
      const target = targets[index]
      if (target !== undefined && target !== char) made.set(char, target)
    }
  }
  table = made
  return made
}

/** The same for everything that looks the same; an ASCII slug is its own skeleton. */
export const skeletonOf = (slug: string): string => {
  if (isAscii(slug)) return slug
  const map = prototypes()
  let out = ""
  for (const char of slug.normalize("NFKD")) out += map.get(char) ?? char
  return out.normalize("NFC")
}
