import { K } from "@portico/schema"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { cutText } from "./codePoints.ts"
import { shortName } from "./plan.ts"

/** Scripts that put no spaces between words: there each character is a word. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}"
const word = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, "gu")

/** Longest word, in characters: of a longer one the beginning counts. */
const longest = 64
/** Of a text the first so many different words are found. */
const most = 2_000

const ascii = /^[\0-\x7f]*$/

/** Most texts are ASCII, where all of this comes to a fraction of the work. */
const partsOf = (text: string): ReadonlyArray<string> =>
  (ascii.test(text)
    ? text.toLowerCase().match(/[a-z0-9]+/g)
    : text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(word)) ?? []

/** The different words of texts: letters and digits, without case and accents. Pure. */
export const wordsOf = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const words = new Set<string>()
  for (const text of texts) {
    for (const each of partsOf(text)) {
      words.add(each.length > longest ? cutText(each, longest) : each)
      if (words.size === most) return [...words]
    }
  }
  return [...words]
}

/** What a node is found by: the words of its title, and those of its other texts. */
export interface Wording {
  readonly title: ReadonlyArray<string>
  readonly body: ReadonlyArray<string>
}

const titles = new Set([shortName(K.Named.name.key), "title"])

/** Whether a property is what a node is called. */
export const isTitle = (key: string): boolean => titles.has(shortName(key))

/** The words of a node: of every property that is a text or a list of texts, and of its slug. Pure. */
export const wordingOf = (node: Pick<NodeRecord, "id" | "slug" | "props">): Wording => {
  const [title, body]: [Array<string>, Array<string>] = [[], []]
  // A slug that is the node's id was chosen by nobody.
  if (node.slug !== node.id) title.push(node.slug)
  for (const [key, value] of Object.entries(node.props)) {
    const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value.filter(isText) : []
    ;(isTitle(key) ? title : body).push(...texts)
  }
  return { title: wordsOf(title), body: wordsOf(body) }
}

const isText = (value: unknown): value is string => typeof value === "string"

/** How well a node answers a search, the best first: what is written as its title, as its beginning, or anywhere. */
export const tiers = [1, 2, 3] as const
export type Tier = (typeof tiers)[number]

/** The tier of a node for some words; undefined where it has not all of them. Pure. */
export const tierOf = (words: ReadonlyArray<string>, { body, title }: Wording): Tier | undefined => {
  const begins = (among: ReadonlyArray<string>) => words.every((word) => among.some((each) => each.startsWith(word)))
  if (words.every((each) => title.includes(each))) return 1
  if (begins(title)) return 2
  return begins([...title, ...body]) ? 3 : undefined
}
