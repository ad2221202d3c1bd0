import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import type { TestContext } from "vitest"

/** A request as the instance saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly idempotencyKey: string | undefined
  readonly body: unknown
}

export interface Answer {
  readonly status?: number
  readonly json?: unknown
  /** What is no JSON: its text and type. */
  readonly text?: string
  readonly type?: string
  /** What a callable gives that gives no value. */
  readonly output?: "stream" | "binary"
}

/** An instance that gives canned answers, and remembers what it was asked. */
export interface FakeInstance {
  readonly url: string
  readonly seen: ReadonlyArray<Seen>
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = ""
  for await (const chunk of request) text += chunk
  if (
    /^(?:application\/x-www-form-urlencoded|application\/x-ndjson|application\/octet-stream|text\/csv)/.test(
      request.headers["content-type"] ?? ""
    )
  ) {
    return text
  }
  return text === "" ? undefined : JSON.parse(text)
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Starts one on a free port; it is gone when the test is over. */
export const fakeInstance = async (
  test: Pick<TestContext, "onTestFinished">,
  answer: (seen: Seen) => Answer
): Promise<FakeInstance> => {
  const seen: Array<Seen> = []
  const server = createServer((request, response) => {
    void (async () => {
      const one: Seen = {
        method: request.method ?? "",
        path: request.url ?? "",
        authorization: header(request, "authorization"),
        idempotencyKey: header(request, "idempotency-key"),
        body: await bodyOf(request)
      }
      seen.push(one)
      const { json, output, status = 200, text, type = "application/json" } = answer(one)
      response.writeHead(status, { "content-type": type, ...(output && { "portico-output": output }) })
      response.end(text ?? (typeof json === "string" ? json : JSON.stringify(json)))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  test.onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** The answer of `POST /api/call`. */
export const result = (value: unknown): Answer => ({ json: { result: value, seq: 7 } })

/** An error as every route answers it. */
export const refusal = (status: number, code: string, message: string, details?: unknown): Answer => ({
  status,
  json: { error: { code, message, ...(details === undefined ? {} : { details }), requestId: "req-1" } }
})

/** Answers `POST /api/call` by the address that is called, and other routes by their path. */
export const routes =
  (answers: Readonly<Record<string, Answer | ((seen: Seen) => Answer)>>) =>
  (seen: Seen): Answer => {
    const called = seen.path === "/api/call" ? (seen.body as { readonly path: string }).path : seen.path
    const found = answers[called]
    if (found === undefined) return refusal(404, "NOT_FOUND", `${called} does not exist`)
    return typeof found === "function" ? found(seen) : found
  }
