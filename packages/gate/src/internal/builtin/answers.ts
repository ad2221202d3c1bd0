import type { JsonObject } from "../openapi/json.ts"

/** What the framework's own routes answer, as OpenAPI's `responses`. */

const answer = (description: string, mediaType: string, schema: JsonObject): JsonObject => ({
  200: { description, content: { [mediaType]: { schema } } }
})

const json = (description: string, schema: JsonObject): JsonObject => answer(description, "application/json", schema)

const text: JsonObject = { type: "string" }
const textOrNull: JsonObject = { type: ["string", "null"] }

/** All members are there unless they are named in `optional`. */
const object = (properties: JsonObject, optional: ReadonlyArray<string> = []): JsonObject => ({
  type: "object",
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties
})

const list = (items: JsonObject): JsonObject => ({ type: "array", items })

const status: JsonObject = {
  enum: ["planned", "starting", "ready", "degraded", "restarting", "stopping", "stopped", "failed"]
}

const stateMembers: JsonObject = {
  id: text,
  status,
  since: { type: "integer", description: "Milliseconds since the epoch." },
  reason: { ...textOrNull, description: "Why it is degraded or failed." },
  waitingOn: { ...list(text), description: "Modules that must be ready before it." }
}

const state = object({ ...stateMembers, displayName: text })

const check = object({ module: text, name: text, ok: { type: "boolean" }, reason: text }, ["reason"])

const anything: JsonObject = { type: "object" }

export const live = json("It is alive.", object({ status: { const: "live" } }))

export const ready = json(
  "It should get traffic; degraded says that some modules are out.",
  object({ status: { enum: ["ready", "degraded"] }, modules: list(object(stateMembers)), checks: list(check) })
)

export const meta = json(
  "What this instance is.",
  object({
    product: text,
    name: text,
    version: textOrNull,
    protocol: { type: "integer" },
    issuer: { ...textOrNull, description: "Its public URL." },
    features: { ...list(text), description: "What it can do beyond what every instance can." }
  })
)

export const document = json("An OpenAPI 3.1 document.", anything)

export const page = answer("A page.", "text/html", text)

export const socket: JsonObject = {
  101: { description: "It is a WebSocket from here on." },
  426: { description: "This was no WebSocket handshake." }
}

export const plan = json("The plan, as `portico plan --json` prints it.", anything)

const millis: JsonObject = { type: "number", description: "Milliseconds since the product began to start." }

const phase = object({ name: { enum: ["waiting", "layer", "contributions", "routes"] }, start: millis, end: millis })

const start = object({
  at: { type: "integer", description: "When it began, in milliseconds since the epoch." },
  millis: { type: "number", description: "Milliseconds until the last module was up." },
  modules: list(
    object({
      module: text,
      outcome: { enum: ["ready", "degraded"] },
      start: millis,
      end: millis,
      waitedFor: list(text),
      phases: list(phase)
    })
  ),
  criticalPath: list(
    object({ module: text, millis: { type: "number", description: "What it took, in milliseconds." } })
  )
})

export const modules = json("In start order; `start` is how they came up.", object({ modules: list(state), start }))

export const restarted = json("The modules that were built anew.", object({ modules: list(state) }))

export const module = json(
  "Its state, and the modules that a restart takes along.",
  object({ ...stateMembers, displayName: text, blastRadius: list(text) })
)

export const routes = json("Every route.", object({ routes: list(anything) }))

export const settings = json("Every setting.", object({ settings: list(anything) }))

export const metrics = answer("In Prometheus' text format.", "text/plain", text)
