import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Leaf } from "./leaves.ts"

type Read = (record: unknown) => Result.Result<Readonly<Record<string, unknown>>, Schema.SchemaError>

type Struct = Schema.Codec<Readonly<Record<string, unknown>>, unknown>

/** How one leaf is read and shown. Most are left alone and never shown, so each part is compiled when it is asked for. */
interface Codec {
  readonly fromText: () => Read
  readonly fromJson: () => Read
  readonly toJson: () => (record: unknown) => Result.Result<unknown, Schema.SchemaError>
  /** What the leaf looks like as JSON, which says how text for it is written. */
  readonly form: () => Form
}

/** What is misspelt inside of a table must not be left out silently: it may be what makes it safe. */
const exact = { onExcessProperty: "error" } as const

const makeCodec = (leaf: Leaf): Codec => {
  // A struct of any field has this type; the field's own is not known here.
  const struct = Schema.Struct({ [nameOf(leaf)]: leaf.field }) as unknown as Struct
  const json = once(() => Schema.toCodecJson(struct))
  return {
    fromText: once(() => Schema.decodeUnknownResult(Schema.toCodecStringTree(struct), exact) as Read),
    fromJson: once(() => Schema.decodeUnknownResult(json(), exact) as Read),
    toJson: once(() => Schema.encodeUnknownResult(json())),
    form: once(() => formOf(json().ast))
  }
}

const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

type Form = "boolean" | "list" | "table" | "scalar"

/** What to say of a schema whose default or transformation breaks, or takes time; its words may hold a secret. */
const broken = "its schema breaks on it"

const attempt = (decode: () => Decoded): Decoded => {
  try {
    return decode()
  } catch {
    return Result.fail(broken)
  }
}

const compiled = new WeakMap<Leaf, Codec>()

const codecOf = (leaf: Leaf): Codec => {
  const present = compiled.get(leaf)
  if (present !== undefined) return present
  const codec = makeCodec(leaf)
  compiled.set(leaf, codec)
  return codec
}

const formOf = (ast: SchemaAST.AST): Form => {
  const encoded = SchemaAST.toEncoded(ast)
  const field = encoded._tag === "Objects" ? encoded.propertySignatures[0]?.type : undefined
  const forms = (field?._tag === "Union" ? field.types : [field]).map((type) => type?._tag)
  if (forms.includes("String") || forms.includes("Number")) return "scalar"
  if (forms.includes("Arrays")) return "list"
  if (forms.includes("Objects")) return "table"
  return forms.includes("Boolean") ? "boolean" : "scalar"
}

/** A decoded leaf, or what is wrong in a few words. */
export type Decoded = Result.Result<unknown, string>

const nameOf = (leaf: Leaf): string => leaf.path[leaf.path.length - 1] ?? ""

const take = (leaf: Leaf, decoded: Result.Result<Readonly<Record<string, unknown>>, Schema.SchemaError>): Decoded =>
  Result.isSuccess(decoded)
    ? Result.succeed(decoded.success[nameOf(leaf)])
    : Result.fail(leaf.secret ? `expected ${leaf.type}` : problemOf(leaf, decoded.failure))

// What the codec of text says of any text that is no number.
const noNumber = "Expected a string representing a finite number"

/** The schema's words on one line, without the key that the sentence around them names already. */
const problemOf = (leaf: Leaf, error: Schema.SchemaError): string => {
  const lines = error.message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== `at ["${nameOf(leaf)}"]`)
    .map((line) => line.replace(`at ["${nameOf(leaf)}"]`, "at "))
  const telling = lines.filter((line) => line !== noNumber)
  return (telling.length > 0 ? telling.join("; ") : "expected a number").replace(/^./, (first) => first.toLowerCase())
}

/** The leaf's default, where it may be left out. */
export const decodeAbsent = (leaf: Leaf): Decoded => attempt(() => take(leaf, codecOf(leaf).fromJson()({})))

/**
 * The defaults of some leaves in their order, worked out at once: a struct of all of them costs a fraction of a struct
 * for each. `undefined` if one has none, or its schema breaks; each has then to be asked.
 */
export const decodeAllAbsent = (leaves: ReadonlyArray<Leaf>): ReadonlyArray<unknown> | undefined => {
  const all = Schema.Struct(Object.fromEntries(leaves.map(({ field }, i) => [`_${i}`, field])))
  try {
    // As for one leaf: a struct of any fields.
    const decoded = (Schema.decodeUnknownResult(all as never) as Read)({})
    return Result.isSuccess(decoded) ? leaves.map((_, i) => decoded.success[`_${i}`]) : undefined
  } catch {
    return undefined
  }
}

/** A value from a file, or a flag that is no text. */
export const decodeJson = (leaf: Leaf, value: unknown): Decoded =>
  attempt(() => take(leaf, codecOf(leaf).fromJson()({ [nameOf(leaf)]: value })))

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false
}

/**
 * A value from the environment or a command line. Booleans are `true`, `yes`, `on`, `1` and their opposites; lists are
 * separated by commas, or JSON; tables are JSON.
 */
export const decodeText = (leaf: Leaf, text: string): Decoded => attempt(() => textDecoded(leaf, text))

const textDecoded = (leaf: Leaf, text: string): Decoded => {
  const codec = codecOf(leaf)
  switch (codec.form()) {
    case "boolean": {
      const truth = truths[text.trim().toLowerCase()]
      return truth === undefined ? Result.fail("expected true or false") : decodeJson(leaf, truth)
    }
    case "list":
      if (text.trimStart().startsWith("[")) return decodeJsonText(leaf, text)
      return take(leaf, codec.fromText()({ [nameOf(leaf)]: splitList(text) }))
    case "table":
      return decodeJsonText(leaf, text)
    case "scalar":
      return take(leaf, codec.fromText()({ [nameOf(leaf)]: text }))
  }
}

const splitList = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")

const decodeJsonText = (leaf: Leaf, text: string): Decoded => {
  try {
    return decodeJson(leaf, JSON.parse(text))
  } catch {
    return Result.fail("expected JSON")
  }
}

/** How the value stands in a file; never for a secret. */
export const encodeShown = (leaf: Leaf, value: unknown): unknown => {
  if (value === undefined) return null
  if (leaf.secret) return "<redacted>"
  const encoded = codecOf(leaf).toJson()({ [nameOf(leaf)]: value })
  if (Result.isFailure(encoded) || typeof encoded.success !== "object" || encoded.success === null) return null
  return Object.entries(encoded.success)[0]?.[1] ?? null
}
