import type { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { isPorticoError } from "@portico/schema"
import { Effect, Exit, Option, Redacted, Result } from "effect"
import { httpEnrichment } from "../../src/integrations/enrichment/http.ts"
import { enrichmentRegistry } from "../../src/integrations/enrichment/registry.ts"
import { enrichmentService, withJson } from "../support/enrichmentService.ts"

const lookup = (url: string, options: { readonly timeoutMs?: number; readonly apiKey?: string } = {}) =>
  Effect.runPromiseExit(
    httpEnrichment({
      baseUrl: new URL(url),
      timeoutMs: options.timeoutMs ?? 5000,
      ...(options.apiKey === undefined ? {} : { apiKey: Redacted.make(options.apiKey) })
    }).lookup("ada+1@example.dev")
  )

const failureOf = (exit: Exit.Exit<unknown, unknown>) => {
  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  if (!isPorticoError(error)) throw new Error(`expected an error of the catalogue, got ${JSON.stringify(exit)}`)
  return error
}

describe("the enrichment service over HTTP", () => {
  it("is asked by e-mail address, with the key, and its answer is read", async (test) => {
    const profile = { name: "Ada", company: { name: "ACME", size: 3 }, other: true }
    const service = await enrichmentService(test, withJson(200, profile))
    const exit = await lookup(service.url, { apiKey: "k3y" })
    assert.deepStrictEqual(exit, Exit.succeed(Option.some({ name: "Ada", company: "ACME" })))
    assert.deepStrictEqual(service.requests, [
      { url: "/v1/people?email=ada%2B1%40example.dev", authorization: "Bearer k3y" }
    ])
  })

  it("may not know somebody", async (test) => {
    const service = await enrichmentService(test, withJson(404, { error: "unknown" }))
    assert.deepStrictEqual(await lookup(service.url), Exit.succeed(Option.none()))
  })

  const broken: ReadonlyArray<readonly [what: string, answer: (response: ServerResponse) => void]> = [
    ["an error", withJson(500, { error: "oops" })],
    ["an empty answer", withJson(204, undefined)],
    ["HTML", (response) => response.end("<html>maintenance</html>")],
    ["JSON of another shape", withJson(200, { company: "ACME" })],
    ["JSON that breaks off", (response) => response.end('{"name":"A')],
    ["bytes that are no text", (response) => response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
    ["a name without end", withJson(200, { name: "a".repeat(201) })],
    ["more than anybody needs", (response) => response.end(`{"name":"${"a".repeat(70_000)}"}`)],
    ["a redirect", (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    ["a closed connection", (response) => response.destroy()]
  ]
  for (const [what, answer] of broken) {
    it(`that answers ${what} is DISPATCH_FAILED`, async (test) => {
      const service = await enrichmentService(test, answer)
      const error = failureOf(await lookup(service.url, { apiKey: "k3y" }))
      assert.strictEqual(error.code, "DISPATCH_FAILED")
      assert.notInclude(JSON.stringify(error), "k3y")
      assert.notInclude(JSON.stringify(error), "ada")
    })
  }

  it("that is not there is DISPATCH_FAILED", async () => {
    assert.strictEqual(failureOf(await lookup("http://127.0.0.1:1")).code, "DISPATCH_FAILED")
  })

  it("that never answers is TIMEOUT", async (test) => {
    const service = await enrichmentService(test, () => {})
    assert.strictEqual(failureOf(await lookup(service.url, { timeoutMs: 50 })).code, "TIMEOUT")
  })

  it("that begins to answer and never ends is TIMEOUT, and is hung up on", async (test) => {
    let hungUp: Promise<void> | undefined
    const service = await enrichmentService(test, (response) => {
      hungUp = new Promise((resolve) => response.once("close", resolve))
      response.write('{"name":')
    })
    assert.strictEqual(failureOf(await lookup(service.url, { timeoutMs: 50 })).code, "TIMEOUT")
    await hungUp
  })
})

describe("the registry", () => {
  const messageOf = (env: Parameters<typeof enrichmentRegistry>[0]): string => {
    const chosen = enrichmentRegistry(env)()
    return Result.isFailure(chosen) ? `${chosen.failure.code} ${chosen.failure.message}` : "configured"
  }

  it("says what is missing or wrong when it is first used, and names the variable", () => {
    assert.match(messageOf({}), /^UNAVAILABLE .*set CRM_ENRICHMENT_URL$/)
    for (const url of ["", "api.example.com", "ftp://api.example.com", "https://api.example.com/?a=1"]) {
      assert.match(messageOf({ CRM_ENRICHMENT_URL: url }), /^UNAVAILABLE CRM_ENRICHMENT_URL is not an http/, url)
    }
    for (const timeout of ["", "soon", "0", "-1", "1.5", "60001"]) {
      const env = { CRM_ENRICHMENT_URL: "https://api.example.com", CRM_ENRICHMENT_TIMEOUT_MS: timeout }
      assert.match(messageOf(env), /^UNAVAILABLE CRM_ENRICHMENT_TIMEOUT_MS is not a number/, timeout)
    }
    assert.strictEqual(messageOf({ CRM_ENRICHMENT_URL: "https://api.example.com/v1/" }), "configured")
  })

  it("chooses once", () => {
    const registry = enrichmentRegistry({ CRM_ENRICHMENT_URL: "https://api.example.com" })
    assert.strictEqual(Result.getOrThrow(registry()), Result.getOrThrow(registry()))
  })
})
