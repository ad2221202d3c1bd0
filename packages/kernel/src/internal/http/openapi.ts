/** OpenAPI 3.1 operations of the routes that are laid by hand. */

const text = { type: "string" } as const

const address = { type: "string", description: "An address: /projects/apollo, @<id>, /:origin:class.Name, …" } as const

const callSchema = {
  type: "object",
  required: ["path"],
  additionalProperties: false,
  properties: {
    path: { ...address, description: "The callable: /projects/apollo::get, /:origin:class.Name:method, …" },
    params: { description: "As the callable's contract has them." },
    self: { ...address, description: "The node to call on, where path does not name it." }
  }
} as const

const answerSchema = {
  type: "object",
  required: ["result", "seq"],
  properties: {
    result: { description: "As the callable's contract has it." },
    seq: { type: "integer", description: "Commit number that the result was computed at." }
  }
} as const

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: text, message: text, details: { type: "object" }, requestId: text }
    }
  }
} as const

const nodeSchema = {
  type: "object",
  required: ["id", "path", "slug", "class", "props", "rev", "createdAt", "updatedAt"],
  properties: {
    id: text,
    path: text,
    slug: text,
    class: text,
    props: { type: "object", description: "By qualified key." },
    rev: { type: "integer" },
    createdAt: { type: "integer", description: "Milliseconds since the epoch." },
    updatedAt: { type: "integer", description: "Milliseconds since the epoch." }
  }
} as const

const json = (schema: object) => ({ "application/json": { schema } })

const failure = (description: string) => ({ description, content: json(errorSchema) })

const failures = {
  "400": failure("The address, the body or the params are wrong."),
  "401": failure("A credential is needed, or the one shown is not valid."),
  "403": failure("A permission is lacking."),
  "404": failure("There is nothing that the caller may see."),
  "409": failure("In conflict with what is there.")
} as const

export const call = {
  operationId: "call",
  summary: "Calls a callable",
  tags: ["kernel"],
  parameters: [
    {
      name: "idempotency-key",
      in: "header",
      required: false,
      schema: { type: "string", minLength: 1, maxLength: 255 },
      description: "The same key and body by the same caller: the same answer for 24 hours, and the work is done once."
    },
    {
      name: "portico-wants",
      in: "header",
      required: false,
      schema: { type: "string", enum: ["value", "stream", "binary"] },
      description: "What the caller means to get: a callable that gives something else is refused before it runs."
    },
    {
      name: "path",
      in: "query",
      required: false,
      schema: address,
      description: "The callable, where the body is what it reads."
    },
    {
      name: "params",
      in: "query",
      required: false,
      content: json({ type: "object" }),
      description: "Likewise: its params."
    },
    { name: "self", in: "query", required: false, schema: address, description: "Likewise: the node to call on." }
  ],
  requestBody: {
    required: true,
    description: "The call; or, with the call in the query, what its callable reads, of any length.",
    content: {
      ...json(callSchema),
      "application/x-ndjson": { schema: text },
      "text/csv": { schema: text },
      "application/octet-stream": { schema: { type: "string", format: "binary" } }
    }
  },
  responses: {
    "200": {
      description:
        'The result. A stream comes as lines, `{"item":…}` each and `{"end":true}` or `{"error":…}` at the end, or, if `Accept` says so, as events; binary as bytes.',
      headers: {
        "portico-output": {
          description: "Of an answer that is no value: what it is.",
          schema: { type: "string", enum: ["stream", "binary"] }
        }
      },
      content: {
        ...json(answerSchema),
        "application/x-ndjson": { schema: text },
        "text/event-stream": { schema: text },
        "application/octet-stream": { schema: { type: "string", format: "binary" } }
      }
    },
    ...failures,
    "408": failure("What is read arrives too slowly."),
    "415": failure("The body is not application/json, or, with the call in the query, is, or could be a form."),
    "422": failure("The idempotency key was used with another body.")
  }
} as const

export const changes = {
  operationId: "watchChanges",
  summary: "What changes, as server-sent events",
  tags: ["kernel"],
  parameters: [
    {
      name: "since",
      in: "query",
      required: false,
      schema: { type: "integer" },
      description: "Number of a commit; from now on unless given."
    },
    { name: "under", in: "query", required: false, schema: address },
    { name: "class", in: "query", required: false, schema: { ...text, description: "Reference or address." } },
    { name: "last-event-id", in: "header", required: false, schema: text }
  ],
  responses: {
    "200": {
      description: "An event per change, with an id from which Last-Event-ID goes on; comments as heartbeats.",
      content: { "text/event-stream": { schema: text } }
    },
    ...failures,
    "410": failure("The changes since then are no longer kept.")
  }
} as const

export const batch = {
  operationId: "batch",
  summary: "Calls several callables, one after another",
  tags: ["kernel"],
  requestBody: {
    required: true,
    content: json({
      type: "object",
      required: ["calls"],
      additionalProperties: false,
      properties: { calls: { type: "array", maxItems: 1000, items: callSchema } }
    })
  },
  responses: {
    "200": {
      description: "The outcomes in order; each has a result or an error.",
      content: json({
        type: "object",
        required: ["results"],
        properties: { results: { type: "array", items: { anyOf: [answerSchema, errorSchema] } } }
      })
    },
    ...failures,
    "415": failure("The body is not application/json.")
  }
} as const

export const nodes = {
  operationId: "getNode",
  summary: "The node at a path",
  tags: ["kernel"],
  parameters: [{ name: "if-none-match", in: "header", required: false, schema: text }],
  responses: {
    "200": { description: "The node.", headers: { etag: { schema: text } }, content: json(nodeSchema) },
    "304": { description: "The node is what the tag in If-None-Match names." },
    ...failures
  }
} as const

export const describe = {
  operationId: "describe",
  summary: "What a path is, and what can be called there",
  tags: ["kernel"],
  parameters: [{ name: "path", in: "query", required: true, schema: address }],
  responses: {
    "200": {
      description: "A node with its callables, or a callable.",
      content: json({
        type: "object",
        required: ["kind"],
        properties: {
          kind: { enum: ["node", "callable"] },
          node: nodeSchema,
          perms: { type: "array", items: text },
          callables: { type: "array", items: { type: "object" } },
          callable: { type: "object" }
        }
      })
    },
    ...failures
  }
} as const

const reportSchema = {
  type: "object",
  required: ["seq", "nodes", "edges", "changes", "violations", "more"],
  properties: {
    seq: { type: "integer", description: "Number of the commit that was checked." },
    nodes: { type: "integer" },
    edges: { type: "integer" },
    changes: { type: "integer" },
    violations: {
      type: "array",
      items: {
        type: "object",
        required: ["check", "subject", "message", "remedy"],
        properties: { check: text, subject: text, message: text, remedy: text }
      }
    },
    more: { type: "boolean", description: "There are more violations than are told." }
  }
} as const

export const check = {
  operationId: "checkStore",
  summary: "Whether everything holds that should in the graph",
  tags: ["kernel"],
  responses: { "200": { description: "What was found.", content: json(reportSchema) }, ...failures }
} as const

export const backup = {
  operationId: "backUpStore",
  summary: "Copies the database to a file in its data folder, and checks the copy",
  tags: ["kernel"],
  responses: {
    "200": {
      description: "The file, and what a check of it found.",
      content: json({
        type: "object",
        required: ["file", "bytes", "check"],
        properties: { file: text, bytes: { type: "integer" }, check: reportSchema }
      })
    },
    ...failures,
    "501": failure("The instance keeps its data in PostgreSQL."),
    "507": failure("The disk is full; there is no file.")
  }
} as const
