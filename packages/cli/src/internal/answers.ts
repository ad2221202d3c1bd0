/**
 * The answers of an instance, as far as the command reads them. What a newer
 * instance adds is kept for `--json` and otherwise ignored.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../ExitCode.ts"
import { CliFailure } from "./failure.ts"

export const Node = Schema.Struct({
  id: Schema.String,
  path: Schema.String,
  slug: Schema.optionalKey(Schema.String),
  // Without READ an answer carries id, path and rev only.
  class: Schema.optionalKey(Schema.String),
  props: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  rev: Schema.Number,
  createdAt: Schema.optionalKey(Schema.Number),
  updatedAt: Schema.optionalKey(Schema.Number)
})
export type Node = typeof Node.Type

export const Page = Schema.Struct({ nodes: Schema.Array(Node), next: Schema.optionalKey(Schema.NullOr(Schema.String)) })

const Names = Schema.Array(Schema.String)

/** What a query answers, without its steps. */
export const Answer = Schema.Struct({
  nodes: Schema.Record(Schema.String, Node),
  start: Schema.Struct({ nodes: Names, next: Schema.optionalKey(Schema.String) })
})

export const Callable = Schema.Struct({
  path: Schema.String,
  name: Schema.String,
  static: Schema.Boolean,
  input: Schema.String,
  output: Schema.String,
  auth: Schema.String,
  params: Schema.Json,
  result: Schema.Json,
  takes: Schema.optionalKey(Schema.Json),
  needs: Names,
  refs: Schema.Array(Schema.Struct({ param: Schema.String, types: Names, needs: Names })),
  title: Schema.optionalKey(Schema.String),
  description: Schema.optionalKey(Schema.String),
  deprecated: Schema.optionalKey(Schema.Boolean),
  usable: Schema.Boolean,
  example: Schema.Struct({ path: Schema.String, params: Schema.optionalKey(Schema.Json) })
})
export type Callable = typeof Callable.Type

export const Description = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("node"),
    node: Node,
    perms: Names,
    callables: Schema.Array(Callable)
  }),
  Schema.Struct({ kind: Schema.Literal("callable"), callable: Callable })
])
export type Description = typeof Description.Type

/** Reads an answer, or says that this is not an instance this command can talk to. */
export const decode = <S extends Schema.Top & { readonly DecodingServices: never }>(schema: S, what: string) => {
  const read = Schema.decodeUnknownEffect(schema)
  return (answer: unknown): Effect.Effect<S["Type"], CliFailure> =>
    read(answer).pipe(
      // Checked right here, and no schema above changes a value: the answer itself keeps what a newer instance adds.
      Effect.map(() => answer as S["Type"]),
      Effect.mapError(
        (cause) =>
          new CliFailure({
            exit: ExitCode.failed,
            code: "PROTOCOL",
            message: `The instance's answer is not ${what}`,
            next: "Is this URL a Portico instance of the same version? --debug shows what was wrong",
            cause
          })
      )
    )
}
