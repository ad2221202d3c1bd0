// The same work as `/orders` of `gate.ts`, by Fastify and its usual plugins. Prints its URL.
import cors from "@fastify/cors"
import helmet from "@fastify/helmet"
import Fastify from "fastify"

let count = 0
const app = Fastify({
  bodyLimit: 1024 * 1024,
  requestIdHeader: "x-request-id",
  genReqId: () => `bench-${(++count).toString(36)}`
})

// What our answers to a POST of JSON carry; each further header would only slow Fastify down.
await app.register(helmet, {
  contentSecurityPolicy: false,
  crossOriginEmbedderPolicy: false,
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  referrerPolicy: false,
  strictTransportSecurity: false,
  xContentTypeOptions: true,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false
})
await app.register(cors, { origin: ["https://app.example.com"], credentials: true, exposedHeaders: ["x-request-id"] })

app.addHook("onRequest", async (request, reply) => {
  reply.header("x-request-id", request.id)
})
app.setErrorHandler((error, request, reply) => {
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500
  const message = error instanceof Error ? error.message : "The request failed."
  reply
    .status(status)
    .send({ error: { code: status === 500 ? "INTERNAL" : "INVALID_PARAMS", message, requestId: request.id } })
})

interface Order {
  readonly path: string
  readonly params: { readonly depth: number }
}

const body = {
  type: "object",
  required: ["path", "params"],
  properties: {
    path: { type: "string" },
    params: { type: "object", required: ["depth"], properties: { depth: { type: "integer" } } }
  }
} as const

app.post<{ Body: Order }>("/orders", { schema: { body, response: { 200: body } } }, async ({ body: order }) => order)

console.log(await app.listen({ port: 0, host: "127.0.0.1" }))
