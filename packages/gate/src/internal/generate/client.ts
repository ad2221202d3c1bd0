import { isObject, type JsonObject, objectAt } from "../openapi/json.ts"
import { errorSchemaName } from "../openapi/operation.ts"
import { implementation, oneSegment, optionTypes, runtimeNames, segmentsBelow, unfitMethods } from "./clientRuntime.ts"
import { jsdoc } from "./jsdoc.ts"
import { camelCase, member, Names, pascalCase, propertyKey } from "./names.ts"
import { answerType, bodyType, type Operation, operationsOf, type Parameter } from "./operations.ts"
import { type TypeOfRef, typeText } from "./types.ts"

/** An operation with the names that it has in the client. */
interface Method {
  readonly operation: Operation
  readonly name: string
  /** Its types are `<types>Input` and `<types>Outcome`. */
  readonly types: string
}

const refPrefix = "#/components/schemas/"

/** A part of a JSON pointer, as the name that it stands for (RFC 6901). */
const unescaped = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~")

/**
 * The source of a TypeScript client for every operation of an OpenAPI document. It needs `fetch` and nothing else.
 *
 * @param wildcards templates of paths (`/files/{rest}`) whose last parameter takes everything below
 */
export const clientSource = (document: JsonObject, wildcards: ReadonlySet<string>): string => {
  const schemas = Object.entries(objectAt(objectAt(document, "components"), "schemas"))
  const names = new Names(runtimeNames)
  const methodNames = new Names(unfitMethods)
  const methods = operationsOf(document).map(
    (operation): Method => ({
      operation,
      name: methodNames.take(camelCase(operation.id)),
      types: names.take(pascalCase(operation.id), ["Input", "Outcome"])
    })
  )
  const typeNames = new Map(
    schemas.map(([name]) => [name, name === errorSchemaName ? "ErrorBody" : names.take(pascalCase(name))])
  )
  const typeOfRef: TypeOfRef = (ref) =>
    ref.startsWith(refPrefix) ? typeNames.get(unescaped(ref.slice(refPrefix.length))) : undefined
  const aliases = schemas.map(([name, schema]) => {
    const description = isObject(schema) && typeof schema.description === "string" ? schema.description : undefined
    const said = description ?? (name === errorSchemaName ? "The body of every error." : undefined)
    return `${jsdoc([said], "")}export type ${typeNames.get(name)} = ${typeText(schema, typeOfRef)}\n`
  })
  return [
    fileHeader(document),
    optionTypes,
    clientText(methods, wildcards),
    ...methods.flatMap((method) => [inputText(method, typeOfRef), outcomeText(method, typeOfRef)]),
    ...aliases,
    implementation,
    ...pathHelpers(methods, wildcards)
  ]
    .filter((part) => part !== "")
    .join("\n")
}

const fileHeader = (document: JsonObject): string => {
  const { description, title, version } = objectAt(document, "info")
  return jsdoc(
    [
      `Client of ${title} ${version}, for every public route.`,
      typeof description === "string" ? description : undefined,
      "Generated from the product's plan: change its routes, not this file."
    ],
    ""
  )
}

const authText: Readonly<Record<Operation["auth"], string>> = {
  required: " Needs a token.",
  optional: " Takes a token or none.",
  public: ""
}

const clientText = (methods: ReadonlyArray<Method>, wildcards: ReadonlySet<string>): string => {
  const entries = methods.map((method) => methodText(method, wildcards)).join(",\n\n")
  return `/** A client of one instance. Its methods resolve with failures too, and reject when no answer comes. */
export const createClient = (client: ClientOptions) => ({
${entries}
})

/** What {@link createClient} gives. */
export type Client = ReturnType<typeof createClient>
`
}

const methodText = ({ name, operation, types }: Method, wildcards: ReadonlySet<string>): string => {
  const parts = partsOf(operation)
  const doc = jsdoc(
    [
      operation.summary,
      operation.description,
      `\`${operation.method} ${operation.path}\`.${authText[operation.auth]}`,
      operation.deprecated ? "@deprecated" : undefined
    ],
    "  "
  )
  const input = parts.length === 0 ? "" : `input: ${types}Input${parts.some(isNeeded) ? "" : " = {}"}, `
  const request = [
    `method: ${JSON.stringify(operation.method)}`,
    `path: ${pathText(operation, wildcards.has(operation.path))}`,
    ...parts.flatMap(({ key }) => (key === "params" ? [] : [`${key}: input.${key}`])),
    ...mediaType(operation)
  ]
  return `${doc}  ${propertyKey(name)}: (${input}options: CallOptions = {}): Promise<${types}Outcome> =>
    send(client, { ${request.join(", ")} }, options)`
}

const mediaType = ({ body }: Operation): ReadonlyArray<string> =>
  body?.content === undefined ? [] : [`mediaType: ${JSON.stringify(body.content.mediaType)}`]

/** The path as source: a text, or a template that puts parameters in. */
const pathText = ({ parameters, path }: Operation, isWildcard: boolean): string => {
  const inPath = new Set(parameters.flatMap((each) => (each.in === "path" ? [each.name] : [])))
  const pieces = path.split(/\{([^{}]*)\}/)
  const last = pieces.length - 2
  if (last < 0) return JSON.stringify(path)
  const text = pieces.map((piece, i) => {
    if (i % 2 === 0) return piece.replace(/[\\`]|\$(?=\{)/g, "\\$&")
    if (!inPath.has(piece)) return `{${piece}}`
    return `\${${isWildcard && i === last ? "below" : "one"}(input.params${member(piece)})}`
  })
  return `\`${text.join("")}\``
}

/** The helpers that paths call. A compiler told to refuses what nothing uses, so the others stay out. */
const pathHelpers = (methods: ReadonlyArray<Method>, wildcards: ReadonlySet<string>): ReadonlyArray<string> => {
  const paths = methods.map(({ operation }) => pathText(operation, wildcards.has(operation.path))).join("")
  const [hasOne, hasBelow] = [paths.includes("${one("), paths.includes("${below(")]
  return [...(hasOne || hasBelow ? [oneSegment] : []), ...(hasBelow ? [segmentsBelow] : [])]
}

/** A member of an operation's input. */
interface Part {
  readonly key: "params" | "query" | "headers" | "body"
  readonly required: boolean
  readonly parameters: ReadonlyArray<Parameter>
}

const isNeeded = ({ required }: Part): boolean => required

const partsOf = ({ body, parameters }: Operation): ReadonlyArray<Part> => {
  const part = (key: Part["key"], place: Parameter["in"]): ReadonlyArray<Part> => {
    const own = parameters.filter((each) => each.in === place)
    return own.length === 0 ? [] : [{ key, required: own.some(({ required }) => required), parameters: own }]
  }
  return [
    ...part("params", "path"),
    ...part("query", "query"),
    ...part("headers", "header"),
    ...(body === undefined ? [] : [{ key: "body", required: body.required, parameters: [] } as const])
  ]
}

const inputText = ({ name, operation, types }: Method, typeOfRef: TypeOfRef): string => {
  const parts = partsOf(operation)
  if (parts.length === 0) return ""
  const members = parts.map((part) => {
    const type =
      part.key === "body"
        ? bodyType(operation.body?.content, (schema) => typeText(schema, typeOfRef, "  "))
        : `{\n${part.parameters.map((each) => parameterText(each, typeOfRef)).join("")}  }`
    return `  readonly ${part.key}${part.required ? "" : "?"}: ${type}${orUndefined(part.required, type)}\n`
  })
  return `/** What {@link Client} takes for \`${name}\`. */\nexport interface ${types}Input {\n${members.join("")}}\n`
}

/** A caller may say that something is not there. */
const orUndefined = (required: boolean, type: string): string => (required || type === "unknown" ? "" : " | undefined")

const parameterText = ({ description, name, required, schema }: Parameter, typeOfRef: TypeOfRef): string => {
  const type = typeText(schema, typeOfRef, "    ")
  const key = `${propertyKey(name)}${required ? "" : "?"}`
  return `${jsdoc([description], "    ")}    readonly ${key}: ${type}${orUndefined(required, type)}\n`
}

const outcomeText = ({ name, operation, types }: Method, typeOfRef: TypeOfRef): string => {
  const successes = operation.answers.map((answer) => {
    const data = answerType(answer, (schema) => typeText(schema, typeOfRef, "  "))
    return `Success<${answer.status ?? "number"}, ${data}>`
  })
  // Any operation may fail otherwise than it says: the instance may be down, or the request too large.
  const failures = [
    ...(operation.failures.length === 0 ? [] : [`Failure<${operation.failures.join(" | ")}>`]),
    "Failure"
  ]
  const options = [...(successes.length === 0 ? ["Success<number, unknown>"] : successes), ...failures]
  const lines = options.map((option) => `  | ${option}\n`).join("")
  return `/** What \`${name}\` comes to. */\nexport type ${types}Outcome =\n${lines}`
}
