import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import type { AnyCodec } from "../Codec.ts"
import { type Issue, PorticoError } from "../Errors.ts"
import type { Field, Param, ParamFields, StandardField } from "../Field.ts"
import type { Json, JsonSchema } from "../Json.ts"
import { isRefField } from "./contract/compileCallable.ts"
import { isEffectField } from "./json/fieldToJson.ts"
import { isJson } from "./json/isJson.ts"

type Coded<A> = Result.Result<A, ReadonlyArray<Issue>>

/** One field, in a key of its own: `undefined` is "not there", both ways. */
interface FieldCodec {
  readonly encode: (value: unknown) => Coded<Json | undefined>
  readonly decode: (json: unknown) => Coded<unknown>
}

const issue = (path: Issue["path"], code: string, message: string): Issue => ({ path, code, message })

const invalid = (issues: ReadonlyArray<Issue>): PorticoError<"INVALID_PARAMS"> => {
  const [first] = issues
  const at = first === undefined || first.path.length === 0 ? "" : `${first.path.join(".")}: `
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""
  return PorticoError.make("INVALID_PARAMS", `${at}${first?.message ?? "invalid"}${more}`, { issues })
}

const keyOf = (segment: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof segment === "object" ? segment.key : segment
  return typeof key === "symbol" ? String(key) : key
}

const effectIssues = (error: Schema.SchemaError): ReadonlyArray<Issue> =>
  SchemaIssue.makeFormatterStandardSchemaV1()(error.issue).issues.map(({ message, path }) =>
    // The first segment is the key that the field was put in.
    issue((path ?? []).slice(1).map(keyOf), "invalid", message)
  )

const effectCodec = (field: Schema.ConstraintCodec<unknown>): FieldCodec => {
  const codec = Schema.toCodecJson(Schema.Struct({ value: field }))
  const options = { errors: "all" } as const
  const decode = Schema.decodeUnknownResult(codec, options)
  const encode = Schema.encodeUnknownResult(codec, options)
  return {
    decode: (json) =>
      Result.mapBoth(decode(json === undefined ? {} : { value: json }), {
        onFailure: effectIssues,
        onSuccess: (struct) => struct.value
      }),
    encode: (value) =>
      Result.mapBoth(encode({ value }), {
        onFailure: effectIssues,
        // Boundary: a JSON codec encodes to JSON.
        onSuccess: (struct) => (struct as { readonly value?: Json }).value
      })
  }
}

const standardCodec = (field: StandardField): FieldCodec => {
  const validate = (value: unknown): Coded<unknown> => {
    const outcome = field["~standard"].validate(value)
    if (outcome instanceof Promise) return Result.fail([issue([], "async", "this schema validates asynchronously")])
    if (outcome.issues === undefined) return Result.succeed(outcome.value)
    return Result.fail(outcome.issues.map((found) => issue((found.path ?? []).map(keyOf), "invalid", found.message)))
  }
  return {
    decode: (json) => {
      const outcome = validate(json)
      // A result of nothing is null on the wire; undefined is what such a schema wants to see.
      return json === null && Result.isFailure(outcome) ? Result.orElse(validate(undefined), () => outcome) : outcome
    },
    // What travels is the input; the output is made from it where it arrives.
    encode: (value) => {
      const outcome = validate(value)
      if (Result.isFailure(outcome)) return Result.fail(outcome.failure)
      if (value === undefined || isJson(value)) return Result.succeed(value)
      return Result.fail([issue([], "invalid", "not a JSON value")])
    }
  }
}

const text = (value: unknown): Coded<string> =>
  typeof value === "string" ? Result.succeed(value) : Result.fail([issue([], "type", "an address is a string")])

const address: FieldCodec = { decode: text, encode: text }

const fieldCodec = (field: Field): FieldCodec => (isEffectField(field) ? effectCodec(field) : standardCodec(field))

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

const under = (name: string, issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map((found) => ({ ...found, path: [name, ...found.path] }))

interface ParamCodec {
  readonly codec: FieldCodec
  /** May be left out by who encodes, by who decodes. */
  readonly absent: { readonly encode: boolean; readonly decode: boolean }
}

const paramCodec = (field: Param): ParamCodec => {
  if (isRefField(field)) return { codec: address, absent: { encode: field.optional, decode: field.optional } }
  const codec = fieldCodec(field)
  if (!isEffectField(field)) return { codec, absent: { encode: false, decode: false } }
  const decode = field.ast.context?.isOptional === true
  // What decodes to a default need not be given, though it is there once it is decoded.
  return { codec, absent: { encode: decode || SchemaAST.toEncoded(field.ast).context?.isOptional === true, decode } }
}

/** Params as one object. Keys that no param has are refused, in both directions. */
export const makeParamsCodec = (fields: ParamFields, schema: () => JsonSchema): AnyCodec => {
  let made: ReadonlyMap<string, ParamCodec> | undefined
  const codecs = (): ReadonlyMap<string, ParamCodec> => {
    made ??= new Map(Object.entries(fields).map(([name, field]) => [name, paramCodec(field)]))
    return made
  }

  const each = (
    input: unknown,
    direction: "encode" | "decode"
  ): Result.Result<Record<string, unknown>, PorticoError<"INVALID_PARAMS">> => {
    const given = input === undefined ? {} : input
    if (!isObject(given)) return Result.fail(invalid([issue([], "type", "params are an object")]))
    const issues: Array<Issue> = []
    for (const name of Object.keys(given)) {
      if (!codecs().has(name)) issues.push(issue([name], "unknown", "there is no such param"))
    }
    const out: Record<string, unknown> = {}
    for (const [name, { codec, absent }] of codecs()) {
      const value = Object.hasOwn(given, name) ? given[name] : undefined
      if (value === undefined && absent[direction]) continue
      const outcome = codec[direction](value)
      if (Result.isSuccess(outcome)) {
        if (outcome.success !== undefined) out[name] = outcome.success
      } else if (value === undefined) issues.push(issue([name], "required", "this param is required"))
      else issues.push(...under(name, outcome.failure))
    }
    return issues.length === 0 ? Result.succeed(out) : Result.fail(invalid(issues))
  }

  return {
    decode: (json) => each(json, "decode"),
    // Boundary: `Codec<never, unknown>` is "some codec"; its typed form is given by who makes it.
    encode: (value: unknown) => each(value, "encode") as Result.Result<Json, PorticoError<"INVALID_PARAMS">>,
    get schema() {
      return schema()
    }
  }
}

/** One value: a property, or a result. Undefined is `null` on the wire. */
export const makeValueCodec = (field: Field | undefined, schema: () => JsonSchema): AnyCodec => {
  let made: FieldCodec | undefined
  const codec = (): FieldCodec => {
    made ??= fieldCodec(field ?? Schema.Void)
    return made
  }
  return {
    decode: (json) => Result.mapError(codec().decode(json ?? null), invalid),
    encode: (value: unknown) =>
      Result.mapBoth(codec().encode(value), { onFailure: invalid, onSuccess: (json) => json ?? null }),
    get schema() {
      return schema()
    }
  }
}
