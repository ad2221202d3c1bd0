/**
 * Order of texts by code point, which is their order by UTF-8 bytes and so the order of the database's indexes.
 * JavaScript compares UTF-16 units instead, and puts what is beyond U+FFFF below U+E000.
 */
export const compareText = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unitA !== unitB) return rank(unitA) - rank(unitB)
  }
  return a.length - b.length
}

/** Units of surrogate pairs moved above all others. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** The first `most` code points of a text: the text itself where it has no more. */
export const cutText = (text: string, most: number): string => {
  if (text.length <= most) return text
  let units = 0
  for (let points = 0; points < most && units < text.length; points++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, units)
}
