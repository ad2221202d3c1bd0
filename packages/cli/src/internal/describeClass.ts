/**
 * A class, interface or edge class for a human: the contract that its node carries.
 */
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Io } from "../Io.ts"
import type { Node } from "./answers.ts"
import { schemaText } from "./params/schemaText.ts"
import { paramColumns, paramNames } from "./paramsText.ts"
import { type Column, renderFields, renderTable } from "./table.ts"
import { printable, styleFor } from "./text.ts"

const Names = Schema.Array(Schema.String)
const JsonObject = Schema.Record(Schema.String, Schema.Json)

const Contract = Schema.Struct({
  ref: Schema.String,
  description: Schema.optionalKey(Schema.String),
  extends: Schema.optionalKey(Names),
  implements: Schema.optionalKey(Names),
  props: Schema.Record(Schema.String, Schema.Struct({ schema: JsonObject, required: Schema.Boolean })),
  methods: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Struct({ static: Schema.Boolean, params: Schema.Json }))
  ),
  ends: Schema.optionalKey(
    Schema.Array(Schema.Struct({ as: Schema.String, types: Names, cardinality: Schema.optionalKey(Schema.String) }))
  )
})
type Contract = typeof Contract.Type

const decodeContract = Schema.decodeUnknownOption(Contract)

const kinds = ["Class", "Interface", "EdgeClass"]

/** The contract in a node of the schema; none for every other node. */
export const contractIn = (node: Node): Option.Option<Contract> => {
  const kind = kinds.find((name) => node.class === `kernel.portico.dev:class.${name}`)
  return decodeContract(node.props?.[`kernel.portico.dev:class.${kind}.property.contract`])
}

interface Method {
  readonly path: string
  readonly called: string
  readonly params: string
}

const methodColumns: ReadonlyArray<Column<Method>> = [
  { title: "METHOD", value: (method) => method.path },
  { title: "CALLED", value: (method) => method.called },
  { title: "PARAMS", value: (method) => method.params }
]

const endText = (end: NonNullable<Contract["ends"]>[number]): string => {
  const each = end.cardinality === undefined ? "" : `, each has ${end.cardinality}`
  return `${end.as}: ${end.types.join(" or ")}${each}`
}

const list = (name: string, refs: ReadonlyArray<string> | undefined): ReadonlyArray<readonly [string, string]> =>
  refs === undefined || refs.length === 0 ? [] : [[name, refs.join(", ")]]

/** What nodes or edges of a class have and can do. */
export const describeContract = (io: Pick<Io, "env" | "out">, contract: Contract): string => {
  const fields = renderFields(io, [
    ["ref", contract.ref],
    ...(contract.description === undefined ? [] : [["about", contract.description] as const]),
    ...list("extends", contract.extends),
    ...list("implements", contract.implements),
    ...(contract.ends ?? []).map((end, index) => [index === 0 ? "from" : "to", endText(end)] as const)
  ])
  const props = Object.entries(contract.props).map(([name, { required, schema }]) => ({
    name,
    type: schemaText(schema, schema),
    required,
    note: ""
  }))
  const methods = Object.entries(contract.methods ?? {}).map(([name, method]) => ({
    path: `/:${contract.ref}:${name}`,
    called: method.static ? "as it stands" : `on a node: PATH::${name}`,
    params: paramNames(method.params)
  }))
  const tables = [renderTable(io, paramColumns("PROP"), props), renderTable(io, methodColumns, methods)]
  if (!io.out.terminal) return fields + tables.join("")
  const { dim } = styleFor(io, io.out)
  const [first] = methods
  const more = first === undefined ? [] : [dim(`More on one of them: portico describe ${printable(first.path)}\n`)]
  return [fields, ...tables.filter((table) => table !== ""), ...more].join("\n")
}
