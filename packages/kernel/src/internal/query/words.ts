import { K } from "@portico/schema"
import type { TypeInfo } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
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

/** Keys of the properties of a class that are searched, where it says which. */
export interface Searched {
  readonly title: ReadonlySet<string>
  readonly text: ReadonlySet<string>
}

/** A type is made anew after each install, so what is known of it holds as long as it does. */
const known = new WeakMap<TypeInfo, Searched>()

/** What a class says of searches; undefined where it says nothing. */
export const searchedBy = (type: TypeInfo | undefined): Searched | undefined => {
  if (type?.kind !== "class" || type.contract.search === undefined) return undefined
  const before = known.get(type)
  if (before !== undefined) return before
  const keysOf = (names: ReadonlyArray<string>) =>
    new Set(
      names.flatMap((name) => {
        const prop = type.props.byName.get(name)
        return prop === undefined || prop === "ambiguous" ? [] : [prop.key]
      })
    )
  const { text, title } = type.contract.search
  const searched = { title: keysOf(title), text: keysOf(text) }
  known.set(type, searched)
  return searched
}

/** The words of a node of the store. */
export const wordingIn = (graph: Graph, node: Pick<NodeRecord, "id" | "slug" | "props" | "classKey">): Wording =>
  wordingOf(node, searchedBy(graph.schema.typeByKey(graph, node.classKey)))

/**
 * The words of a node: of every property that is a text or a list of texts, or of those that are searched of its class, and
 * of its slug. Pure.
 */
export const wordingOf = (node: Pick<NodeRecord, "id" | "slug" | "props">, searched?: Searched): Wording => {
  const [title, body]: [Array<string>, Array<string>] = [[], []]
  // A slug that is the node's id was chosen by nobody.
  if (node.slug !== node.id) title.push(node.slug)
  for (const [key, value] of Object.entries(node.props)) {
    const among = searched === undefined ? (isTitle(key) ? title : body) : placeOf(searched, key, title, body)
    among?.push(...(typeof value === "string" ? [value] : Array.isArray(value) ? value.filter(isText) : []))
  }
  return { title: wordsOf(title), body: wordsOf(body) }
}

const placeOf = <A>({ text, title }: Searched, key: string, asTitle: A, asText: A): A | undefined =>
  title.has(key) ? asTitle : text.has(key) ? asText : undefined

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
