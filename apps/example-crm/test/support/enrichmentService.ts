import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { TestContext } from "vitest"

/** A stand-in for the enrichment service, on a free port; it is gone when the test is over. */
export interface EnrichmentService {
  readonly url: string
  readonly requests: ReadonlyArray<{ readonly url: string; readonly authorization: string | undefined }>
}

export const enrichmentService = async (
  test: Pick<TestContext, "onTestFinished">,
  answer: (response: ServerResponse, request: IncomingMessage) => void
): Promise<EnrichmentService> => {
  const requests: Array<{ url: string; authorization: string | undefined }> = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", authorization: request.headers.authorization })
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  test.onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests }
}

/** Answers everybody with this JSON. */
export const withJson =
  (status: number, json: unknown) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json" })
    response.end(JSON.stringify(json))
  }
