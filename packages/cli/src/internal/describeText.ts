/**
 * A description for a human.
 */
import type { JsonObject } from "@portico/schema"
import type { Io } from "../Io.ts"
import { formatAssignments } from "../Params.ts"
import type { Callable, Description } from "./answers.ts"
import { alternatives, isRequired, propertyNames, propertySchema } from "./params/jsonSchema.ts"
import { schemaText } from "./params/schemaText.ts"
import { type Column, renderFields, renderTable } from "./table.ts"
import { printable, styleFor } from "./text.ts"

interface Param {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly note: string
}

const asObject = (value: unknown): JsonObject | undefined =>
  // Answers were decoded as JSON: an object among them is a JSON object.
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

const paramsOf = (callable: Callable): ReadonlyArray<Param> => {
  const root = asObject(callable.params) ?? true
  const [shape] = alternatives(root, root).filter((one) => one.type === "object")
  if (shape === undefined) return []
  return propertyNames(shape).map((name) => {
    const ref = callable.refs.find((one) => one.param === name)
    const types = ref?.types.join(" or ")
    const needs = ref === undefined || ref.needs.length === 0 ? "" : `, you need ${ref.needs.join(", ")} there`
    return {
      name,
      type: schemaText(root, propertySchema(shape, name) ?? true),
      required: isRequired(shape, name),
      note: ref === undefined ? "" : `path of a ${types}${needs}`
    }
  })
}

const columns: ReadonlyArray<Column<Param>> = [
  { title: "PARAM", value: (param) => param.name },
  { title: "TYPE", value: (param) => param.type },
  { title: "", value: (param) => (param.required ? "required" : "optional") },
  { title: "", value: (param) => param.note }
]

// What a POSIX shell leaves alone without quotes.
const plainWord = /^[\w@%+=:,./-]+$/

const quoted = (word: string): string => (plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** The example of a callable as a command line. */
export const exampleCommand = (callable: Callable): string => {
  const params = asObject(callable.example.params)
  const schema = asObject(callable.params) ?? true
  const words = params === undefined ? [] : formatAssignments(params, schema)
  return ["portico", "call", callable.example.path, ...words].map(quoted).join(" ")
}

const shape = (io: string): string => (io === "value" ? "" : `a ${io} of `)

/** What a callable takes, needs and gives. */
export const describeCallable = (io: Pick<Io, "env" | "out">, callable: Callable): string => {
  const params = paramsOf(callable)
  const result = schemaText(asObject(callable.result) ?? true, asObject(callable.result) ?? true)
  const fields = renderFields(io, [
    ["callable", callable.path],
    ...(callable.description === undefined ? [] : [["about", callable.description] as const]),
    ...(callable.deprecated === true ? [["deprecated", "yes"] as const] : []),
    ["called", callable.static ? "as it stands" : "on a node"],
    ["needs", callable.needs.length === 0 ? "USE on it" : `USE on it, ${callable.needs.join(", ")} on the node`],
    ["auth", callable.auth],
    ["usable", callable.usable ? "yes" : "no: you lack USE"],
    ["gives", `${shape(callable.output)}${result}`],
    ["example", exampleCommand(callable)]
  ])
  if (params.length === 0) return fields
  const heading = io.out.terminal ? "\n" : ""
  return `${fields}${heading}${renderTable(io, columns, params)}`
}

const callableColumns: ReadonlyArray<Column<Callable>> = [
  { title: "CALLABLE", value: (callable) => callable.path },
  {
    title: "PARAMS",
    value: (callable) =>
      paramsOf(callable)
        .map((param) => (param.required ? param.name : `[${param.name}]`))
        .join(" ")
  },
  { title: "", value: (callable) => (callable.usable ? "" : "you lack USE") }
]

/** What a path is. */
export const describeText = (io: Pick<Io, "env" | "out">, description: Description): string => {
  if (description.kind === "callable") return describeCallable(io, description.callable)
  const { node, perms, callables } = description
  const fields = renderFields(io, [
    ["path", node.path],
    ["id", node.id],
    ...(node.class === undefined ? [] : [["class", node.class] as const]),
    ["you may", perms.length === 0 ? "nothing" : perms.join(", ")]
  ])
  const { dim } = styleFor(io, io.out)
  const more = dim(`\nMore on one of them: portico describe ${printable(callables[0]?.path ?? "")}\n`)
  const table = renderTable(io, callableColumns, callables)
  return io.out.terminal ? `${fields}\n${table}${callables.length === 0 ? "" : more}` : `${fields}${table}`
}
