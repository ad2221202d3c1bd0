/**
 * A description for a human.
 */
import * as Option from "effect/Option"
import type { Io } from "../Io.ts"
import { formatAssignments } from "../Params.ts"
import type { Callable, Description } from "./answers.ts"
import { contractIn, describeContract } from "./describeClass.ts"
import { schemaText } from "./params/schemaText.ts"
import { asObject, paramColumns, paramNames, paramsOf } from "./paramsText.ts"
import { type Column, renderFields, renderTable } from "./table.ts"
import { printable, styleFor } from "./text.ts"

// What a POSIX shell leaves alone without quotes.
const plainWord = /^(?:[\w@%+=:,./…-]|(?<=[\w.-])~)+$/

const quoted = (word: string): string => (plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** The example of a callable as a command line. */
export const exampleCommand = (callable: Callable): string => {
  const params = asObject(callable.example.params)
  const schema = asObject(callable.params) ?? true
  const words = params === undefined ? [] : formatAssignments(params, schema)
  return ["portico", "call", callable.example.path, ...words].map(quoted).join(" ")
}

/** What comes in, or goes out: a value, values one after another, or bytes. */
const shapeText = (io: string, schema: Callable["result"] = true): string => {
  if (io === "binary") return "bytes"
  const text = schemaText(asObject(schema) ?? true, asObject(schema) ?? true)
  return io === "value" ? text : `a stream of ${text}`
}

/** What a callable takes, needs and gives. */
export const describeCallable = (io: Pick<Io, "env" | "out">, callable: Callable): string => {
  const params = paramsOf(callable.params, callable.refs)
  const fields = renderFields(io, [
    ["callable", callable.path],
    ...(callable.description === undefined ? [] : [["about", callable.description] as const]),
    ...(callable.deprecated === true ? [["deprecated", "yes"] as const] : []),
    ["called", callable.static ? "as it stands" : "on a node"],
    ["needs", callable.needs.length === 0 ? "USE on it" : `USE on it, ${callable.needs.join(", ")} on the node`],
    ["auth", callable.auth],
    ["usable", callable.usable ? "yes" : "no: you lack USE"],
    ...(callable.input === "value" ? [] : [["reads", shapeText(callable.input, callable.takes)] as const]),
    ["gives", shapeText(callable.output, callable.result)],
    ["example", `${exampleCommand(callable)}${callable.input === "value" ? "" : " --input FILE"}`]
  ])
  if (params.length === 0) return fields
  const heading = io.out.terminal ? "\n" : ""
  return `${fields}${heading}${renderTable(io, paramColumns("PARAM"), params)}`
}

const callableColumns: ReadonlyArray<Column<Callable>> = [
  { title: "CALLABLE", value: (callable) => callable.path },
  { title: "PARAMS", value: (callable) => paramNames(callable.params) },
  { title: "", value: (callable) => (callable.usable ? "" : "you lack USE") }
]

/** What a path is. */
export const describeText = (io: Pick<Io, "env" | "out">, description: Description): string => {
  if (description.kind === "callable") return describeCallable(io, description.callable)
  const { node, perms, callables } = description
  const contract = contractIn(node)
  if (Option.isSome(contract)) return describeContract(io, contract.value)
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
