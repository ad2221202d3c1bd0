import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"
import { Cursor, EdgeResult, IfRev, Limit, Millis, NodeAt, NodeId, optionalAddress, Props } from "./shapes.ts"

/** What a change did. `reset` is what a watcher is told when what it may READ has changed as a whole. */
export const changeOps = [
  "create",
  "update",
  "move",
  "delete",
  "restore",
  "link",
  "updateLink",
  "unlink",
  "grant",
  "revoke",
  "addMember",
  "removeMember",
  "install"
] as const

const Actor = Schema.NullOr(NodeId).annotate({ description: "id of the identity that made the change" })

const Value = Schema.Struct({ before: Schema.optionalKey(Schema.Json), after: Schema.optionalKey(Schema.Json) })

const HistoryEntry = Schema.Struct({
  seq: Schema.Int.annotate({ description: "number of its commit" }),
  at: Millis,
  op: Schema.Literals(changeOps),
  actor: Actor,
  actorPath: Schema.optionalKey(Schema.String.annotate({ description: "where the caller may see the identity" })),
  via: Schema.optionalKey(Schema.String.annotate({ description: "id of the function through which it was made" })),
  viaPath: Schema.optionalKey(Schema.String),
  allowedBy: Schema.Literals(["caller", "function", "both", "system"]).annotate({
    description: "which half of the authority had the permission: either one by itself, or only both together"
  }),
  path: Schema.optionalKey(Schema.String.annotate({ description: "of the node after the change" })),
  from: Schema.optionalKey(Schema.String.annotate({ description: "path before a move or a delete" })),
  changed: Schema.optionalKey(
    Schema.Record(Schema.String, Value).annotate({
      description: "values before and after by property key, or of an edge"
    })
  ),
  edge: Schema.optionalKey(
    Schema.Struct({
      class: Schema.String,
      source: Schema.String,
      target: Schema.String,
      slug: Schema.optionalKey(Schema.String)
    })
  )
})

const history = fn({
  description: "Who changed the node and its edges, when, and through which function; the latest change first.",
  params: { limit: Limit, cursor: Cursor },
  returns: Schema.Struct({ changes: Schema.Array(HistoryEntry), next: Schema.optionalKey(Schema.String) })
})

const restore = fn({
  needs: ["EDIT"],
  description:
    "Takes the node out of the trash with everything below it and its edges; with seq also back to its props and place at that commit, and with recursive to all that was below it and the edges from there.",
  params: {
    path: Schema.optional(Schema.String.annotate({ description: "where it goes, if not where it was" })),
    seq: Schema.optional(Schema.Int.annotate({ description: "number of a commit that history still has" })),
    recursive: Schema.optional(
      Schema.Boolean.annotate({ description: "with seq: everything below it, too, and the edges that start there" })
    ),
    ifRev: IfRev
  },
  returns: NodeAt
})

const listTrash = fn({
  static: true,
  description: "What was deleted and can be restored, as far as the caller could READ and EDIT it; the latest first.",
  params: { limit: Limit, cursor: Cursor },
  returns: Schema.Struct({
    deleted: Schema.Array(
      Schema.Struct({
        id: NodeId,
        path: Schema.String.annotate({ description: "where it was" }),
        class: Schema.String,
        seq: Schema.Int.annotate({ description: "number of the commit that deleted it" }),
        deletedAt: Millis,
        deletedBy: Actor,
        until: Millis.annotate({ description: "when it is gone for good, in milliseconds since the epoch" })
      })
    ),
    next: Schema.optionalKey(Schema.String)
  })
})

const Change = Schema.Struct({
  seq: Schema.Int.annotate({ description: "number of its commit" }),
  part: Schema.Int.annotate({ description: "tells the changes of one commit apart; ascending" }),
  op: Schema.Literals([...changeOps, "reset"]),
  at: Millis,
  actor: Actor,
  node: Schema.optionalKey(
    Schema.Struct({
      id: NodeId,
      path: Schema.String.annotate({ description: "at that commit" }),
      class: Schema.String,
      props: Schema.optionalKey(Props.annotate({ description: "at that commit" }))
    })
  ),
  rev: Schema.Int,
  from: Schema.optionalKey(Schema.String.annotate({ description: "path before a move" })),
  edge: Schema.optionalKey(EdgeResult),
  under: Schema.optionalKey(
    Schema.String.annotate({ description: "of a reset: an address, below which all has to be read again" })
  )
})

const changes = fn({
  static: true,
  output: "stream",
  description:
    "What changed since a commit, in order and without end, as far as the caller may READ it. Without since, from now on.",
  params: {
    since: Schema.optional(Schema.Int.annotate({ description: "number of a commit, for example an answer's seq" })),
    under: optionalAddress("only what is there or below"),
    class: Schema.optional(Schema.String.annotate({ description: "only nodes, or edges, of this class or interface" }))
  },
  returns: Change
})

/** Looking back, taking back, and watching. */
export const undoMethods = { history, restore, listTrash, changes }
