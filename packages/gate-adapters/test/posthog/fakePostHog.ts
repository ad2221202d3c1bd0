import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { Effect } from "effect"
import { makeHogqlEngine, type TakenEvent } from "./hogqlEngine.ts"

export const keys = { project: "phc_project", personal: "phx_personal", projectId: "42" } as const

interface Batch {
  readonly api_key: string
  readonly batch: ReadonlyArray<TakenEvent>
}
interface Question {
  readonly query: { readonly kind: string; readonly query: string; readonly values: Record<string, string | number> }
}

/**
 * The two endpoints of PostHog on loopback for as long as the scope lives. `answers` are the statuses of the next batches;
 * 0 is silence. What is not answered with 200 is not kept.
 */
export const startPostHog = (answers: ReadonlyArray<number> = []) =>
  Effect.gen(function* () {
    const engine = makeHogqlEngine()
    const later = [...answers]
    const batches: Array<ReadonlyArray<TakenEvent>> = []
    const questions: Array<Question["query"]> = []
    const requests = { count: 0 }

    const answer = async (request: IncomingMessage): Promise<readonly [status: number, body: unknown] | undefined> => {
      const body = await json(request)
      if (request.url === "/batch/") {
        requests.count++
        // What this server is sent has this form, or the test fails.
        const { api_key, batch } = body as Batch
        const status = later.shift() ?? 200
        if (status === 0) return undefined
        if (api_key !== keys.project) return [401, { detail: "bad key" }]
        if (status !== 200) return [status, { detail: "no" }]
        batches.push(batch)
        for (const event of batch) engine.take(event)
        return [200, { status: 1 }]
      }
      if (request.url !== `/api/projects/${keys.projectId}/query/`) return [404, {}]
      if (request.headers.authorization !== `Bearer ${keys.personal}`) return [401, { detail: "bad key" }]
      const { query } = body as Question
      questions.push(query)
      if (query.kind !== "HogQLQuery") return [400, { detail: "what?" }]
      return [200, { results: engine.rows(query.query, query.values) }]
    }
    const server = createServer((request, response) => {
      answer(request).then(
        (given) => {
          if (given === undefined) return
          response.writeHead(given[0], { "content-type": "application/json" }).end(JSON.stringify(given[1]))
        },
        (cause) => response.writeHead(400).end(String(cause))
      )
    })
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => {
            engine.close()
            resume(Effect.void)
          })
          server.closeAllConnections()
        })
    )
    // A server that listens on a port has this form of address.
    const { port } = server.address() as AddressInfo
    const eventsTaken = () => batches.flat().map(({ event }) => event)
    return { url: `http://127.0.0.1:${port}`, batches, eventsTaken, questions, requests }
  })
