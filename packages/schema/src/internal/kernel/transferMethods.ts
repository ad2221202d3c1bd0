import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { OnConflict, optionalAddress } from "./shapes.ts"
import { WhereParam } from "./whereField.ts"

const Format = Schema.Literals(["jsonl", "csv"])
const Delimiter = Schema.optional(
  Schema.Literals([",", ";", "\t"]).annotate({ description: "between the cells of CSV; a comma unless given" })
)

const exportNodes = fn({
  static: true,
  output: "binary",
  description:
    "Nodes and the edges between them as a file, as they are at one commit, as far as the caller may READ them.",
  params: {
    format: Schema.optional(Format.annotate({ description: "jsonl unless given; csv is nodes of one class" })),
    under: optionalAddress("only this node and what is below it"),
    class: Schema.optional(Schema.String.annotate({ description: "only nodes of this class or interface" })),
    where: WhereParam,
    edges: Schema.optional(
      Schema.Literals(["inside", "all", "none"]).annotate({
        description: "inside unless given: edges between nodes of the file; all: also those that lead out of it"
      })
    ),
    delimiter: Delimiter,
    escapeFormulas: Schema.optional(
      Schema.Boolean.annotate({
        description: "put ' before cells of CSV that a spreadsheet would run; import takes them as they are then"
      })
    )
  }
})

const Int = (description: string) => Schema.Int.annotate({ description })

const Counts = Schema.Struct({
  created: Schema.Int,
  updated: Schema.Int,
  skipped: Int("were there already, and are as they were")
})

const importNodes = fn({
  static: true,
  input: "binary",
  description:
    "Makes nodes and edges of the rows of a file, JSON lines or CSV, each with all that createNode, update and link check. A file of up to 1,000 rows is imported whole or not at all; a longer one by transactions of 1,000 (a setting of the instance).",
  params: {
    format: Schema.optional(Format.annotate({ description: "what the media type says unless given, or else jsonl" })),
    under: optionalAddress("what paths of the file are below"),
    class: Schema.optional(Schema.String.annotate({ description: "the class of rows that name none" })),
    by: Schema.optional(
      Schema.Literals(["path", "id"]).annotate({
        description: "path unless given: rows make nodes at paths; id: rows change the nodes with these ids"
      })
    ),
    onConflict: OnConflict,
    onError: Schema.optional(
      Schema.Literals(["stop", "skip"]).annotate({
        description:
          "stop unless given: fail at the first row that is refused; skip: leave such rows out and tell of them"
      })
    ),
    whole: Schema.optional(
      Schema.Boolean.annotate({ description: "one transaction, whole or not at all, for up to 10,000 rows" })
    ),
    dryRun: Schema.optional(
      Schema.Boolean.annotate({
        description: "change nothing and tell of everything that would be refused; tries the first 10,000 rows"
      })
    ),
    delimiter: Delimiter
  },
  returns: Schema.Struct({
    dryRun: Schema.Boolean,
    rows: Int("rows of the file"),
    nodes: Counts,
    edges: Counts,
    failed: Int("rows that were refused"),
    errors: Schema.Array(
      Schema.Struct({
        line: Int("of the file, from 1"),
        column: Schema.optionalKey(Schema.String.annotate({ description: "key or column of the row" })),
        code: Schema.String,
        message: Schema.String
      })
    ).annotate({ description: "the first 100" }),
    tried: Schema.optionalKey(
      Int("of a dry run: rows that were tried; those behind were looked at for their form only")
    ),
    transactions: Schema.Int
  })
})

/** Files out of the graph, and into it. */
export const transferMethods = { export: exportNodes, import: importNodes }
