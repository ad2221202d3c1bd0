import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { CallableContract, DomainContract, InterfaceContract, PropContract } from "../../Contract.ts"
import { type Issue, PorticoError } from "../../Errors.ts"
import type { Json, JsonSchema } from "../../Json.ts"
import { checkJsonSchema, JsonSchemaProblem } from "../json/checkJsonSchema.ts"
import { isJson } from "../json/isJson.ts"
import { isOrigin } from "../names.ts"
import { ContractShape } from "./contractShape.ts"
import { renameProblems } from "./renames.ts"
import { isCardinality, nameProblem } from "./rules.ts"

type Path = ReadonlyArray<string | number>

/** How many faults are named before reading stops. */
const maxIssues = 50

type DecodeShape = (input: unknown) => Result.Result<typeof ContractShape.Type, Schema.SchemaError>
let compiled: DecodeShape | undefined

/** Made when the first contract is read; most processes never read one. */
const decodeShape: DecodeShape = (input) => {
  compiled ??= Schema.decodeUnknownResult(ContractShape, { errors: "all", onExcessProperty: "error" })
  return compiled(input)
}

export const readContract = (input: unknown): Result.Result<DomainContract, PorticoError<"INVALID_PARAMS">> => {
  if (!isJson(input)) return fail([{ path: [], code: "json", message: "a contract is JSON, nested at most 64 deep" }])
  const shape = decodeShape(input)
  if (Result.isFailure(shape)) {
    return fail(
      SchemaIssue.makeFormatterStandardSchemaV1()(shape.failure.issue).issues.map(({ message, path }) => ({
        path: (path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)),
        code: "shape",
        message
      }))
    )
  }
  // Boundary: the shape was just checked; what it leaves open (JSON) was checked before it.
  const reader = new Reader(shape.success as DomainContract)
  const contract = reader.contract()
  return reader.issues.length === 0 ? Result.succeed(contract) : fail(reader.issues)
}

const fail = (issues: ReadonlyArray<Issue>): Result.Result<never, PorticoError<"INVALID_PARAMS">> => {
  const [first] = issues
  const message = `not a contract: ${first?.path.join(".") ?? ""}: ${first?.message ?? ""}`
  return Result.fail(PorticoError.make("INVALID_PARAMS", message, { issues: issues.slice(0, maxIssues) }))
}

class Reader {
  readonly issues: Array<Issue> = []
  private readonly input: DomainContract

  constructor(input: DomainContract) {
    this.input = input
  }

  contract(): DomainContract {
    const { input } = this
    if (!isOrigin(input.origin)) this.report(["origin"], "an origin is a domain name in lower case")
    for (const origin of input.imports) if (!isOrigin(origin)) this.report(["imports"], `${origin} is no origin`)
    for (const { path, problem } of renameProblems(input)) this.report(path, problem)
    return {
      ...input,
      interfaces: this.each("interfaces", input.interfaces, (definition, path, name) => {
        this.name("interface", name, path)
        if (Object.hasOwn(input.classes, name)) this.report(path, "a class has this name too")
        return this.members(definition, `${input.origin}:interface.${name}`, path)
      }),
      classes: this.each("classes", input.classes, (definition, path, name) => {
        this.name("nodeClass", name, path)
        this.refs(definition.implements, [...path, "implements"], "interface")
        return this.members(definition, `${input.origin}:class.${name}`, path)
      }),
      edges: this.each("edges", input.edges, (definition, path, name) => {
        this.name("edgeClass", name, path)
        const ref = `${input.origin}:class.${name}`
        if (definition.ref !== ref) this.report([...path, "ref"], `this is ${ref}`)
        for (const end of definition.ends) {
          this.name("end", end.as, [...path, "ends"])
          this.refs(end.types, [...path, "ends"])
          if (end.cardinality !== undefined && !isCardinality(end.cardinality)) {
            this.report([...path, "ends"], `${end.cardinality} is no cardinality`)
          }
        }
        return { ...definition, props: this.props(definition.props, ref, [...path, "props"]) }
      }),
      functions: this.each("functions", input.functions, (definition, path, name) => {
        this.name("handle", name, path)
        if (!definition.static) this.report(path, "a function has no self")
        return this.callable(definition, path)
      }),
      views: this.each("views", input.views, (definition, path, name) => {
        this.name("handle", name, path)
        this.refs(definition.viewFor, [...path, "viewFor"])
        return definition
      })
    }
  }

  private report(path: Path, message: string): void {
    if (this.issues.length < maxIssues) this.issues.push({ path, code: "contract", message })
  }

  private name(kind: keyof typeof nameProblem, name: string, path: Path): void {
    const problem = nameProblem[kind](name)
    if (problem !== undefined) this.report(path, problem)
  }

  private each<A>(
    section: string,
    record: Readonly<Record<string, A>>,
    read: (value: A, path: Path, name: string) => A
  ): Record<string, A> {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, read(value, [section, name], name)]))
  }

  private members<A extends InterfaceContract>(definition: A, ref: string, path: Path): A {
    if (definition.ref !== ref) this.report([...path, "ref"], `this is ${ref}`)
    this.refs(definition.extends, [...path, "extends"], "interface")
    const methods: Record<string, CallableContract> = {}
    for (const [name, callable] of Object.entries(definition.methods)) {
      const at = [...path, "methods", name]
      this.name("method", name, at)
      if (this.input.origin !== "kernel.portico.dev") this.name("domainMethod", name, at)
      if (Object.hasOwn(definition.props, name)) this.report(at, "a property has this name too")
      methods[name] = this.callable(callable, at)
    }
    return { ...definition, props: this.props(definition.props, ref, [...path, "props"]), methods }
  }

  private props(props: Readonly<Record<string, PropContract>>, ref: string, path: Path): Record<string, PropContract> {
    return Object.fromEntries(
      Object.entries(props).map(([name, prop]) => {
        const at = [...path, name]
        this.name("prop", name, at)
        const key = `${ref}.property.${name}`
        if (prop.key !== key) this.report([...at, "key"], `this is ${key}`)
        return [name, { ...prop, schema: this.schema(prop.schema, [...at, "schema"]) }]
      })
    )
  }

  private callable(callable: CallableContract, path: Path): CallableContract {
    const params = this.schema(callable.params, [...path, "params"])
    const properties: Json = params.properties ?? {}
    if (params.type !== "object" || params.additionalProperties !== false || !isObject(properties)) {
      this.report([...path, "params"], "params are a closed object")
    } else {
      for (const name of Object.keys(properties)) this.name("param", name, [...path, "params"])
      for (const { param, types } of callable.refs) {
        if (!Object.hasOwn(properties, param)) this.report([...path, "refs"], `there is no param ${param}`)
        this.refs(types, [...path, "refs"])
      }
    }
    if (callable.takes !== undefined && callable.input !== "stream") {
      this.report([...path, "takes"], "only a stream of input has items")
    }
    return {
      ...callable,
      params,
      result: this.schema(callable.result, [...path, "result"]),
      ...(callable.takes === undefined ? {} : { takes: this.schema(callable.takes, [...path, "takes"]) })
    }
  }

  private schema(schema: unknown, path: Path): JsonSchema {
    try {
      return checkJsonSchema(schema)
    } catch (error) {
      if (!(error instanceof JsonSchemaProblem)) throw error
      this.report(path, error.message)
      return {}
    }
  }

  /** What refers to this origin exists; what refers elsewhere refers to an import. */
  private refs(refs: ReadonlyArray<string>, path: Path, only?: "interface"): void {
    for (const ref of refs) {
      const [origin = "", member = ""] = ref.split(":", 2)
      const [kind, name = ""] = member.split(".", 2)
      const known = kind === "interface" ? this.input.interfaces : this.input.classes
      if ((kind !== "class" && kind !== "interface") || (only !== undefined && kind !== only)) {
        this.report(path, `${ref} is no reference to ${only === undefined ? "a class or interface" : "an interface"}`)
      } else if (origin === this.input.origin) {
        if (!Object.hasOwn(known, name)) this.report(path, `there is no ${ref}`)
      } else if (!this.input.imports.includes(origin)) this.report(path, `${origin} is not imported`)
    }
  }
}

const isObject = (json: Json): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json)
