/** JSON Schemas of contracts in words, as far as messages need them. */

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const typeWords: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "an integer",
  boolean: "true or false",
  object: "an object",
  array: "an array",
  null: "null"
}

const either = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`

/** The types that a value may be of: `a string or null`. */
export const typesOf = (type: unknown): string =>
  either((Array.isArray(type) ? type : [type]).map((name) => typeWords[String(name)] ?? String(name)))

const formOf = (schema: unknown): string => {
  if (!isObject(schema)) return "something"
  if (Array.isArray(schema.enum)) return either(schema.enum.map(String))
  if ("const" in schema) return String(schema.const)
  const items = schema.type === "array" && isObject(schema.items) ? schema.items.enum : undefined
  if (Array.isArray(items)) return `an array of ${either(items.map(String))}`
  return schema.type === undefined ? "something else" : typesOf(schema.type)
}

/** What a value of one of several schemas may be: `an integer or an array of READ, EDIT`. */
export const formsOf = (branches: ReadonlyArray<unknown>): string => either([...new Set(branches.map(formOf))])

const typeOf = (value: unknown): string => {
  if (value === null) return "null"
  return Array.isArray(value) ? "array" : typeof value
}

/** Whether a schema is for values of this one's type. */
export const isFor = (schema: unknown, value: unknown): boolean => {
  if (!isObject(schema)) return true
  if (Array.isArray(schema.enum)) return schema.enum.some((each) => typeOf(each) === typeOf(value))
  if ("const" in schema) return typeOf(schema.const) === typeOf(value)
  if (schema.type === undefined) return true
  const types: ReadonlyArray<unknown> = Array.isArray(schema.type) ? schema.type : [schema.type]
  const type = typeOf(value)
  return types.some((each) => each === type || (each === "integer" && type === "number"))
}
