/**
 * Where a browser comes back to with an answer: a port of this machine (RFC 8252, section 7.3).
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ExitCode } from "../../ExitCode.ts"
import { CliFailure } from "../failure.ts"

/** How long somebody may take to sign in. */
const patience = "5 minutes"

/** Whatever leads here holds a code: nobody is told of it, and nothing is kept. */
const headers = {
  "cache-control": "no-store",
  connection: "close",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "content-type": "text/html; charset=utf-8",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

const page = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">` +
  `<title>${title}</title><h1>${title}</h1><p>${text}</p></html>\n`

const answer = (response: ServerResponse, status: number, title: string, text: string): void => {
  response.writeHead(status, headers).end(page(title, text))
}

const back = "You can close this window, and go back to the command line."

const nobodyCame = new CliFailure({
  exit: ExitCode.notSignedIn,
  code: "TIMEOUT",
  message: `nobody has signed in within ${patience}`,
  next: "Try again, or sign in on another device: portico auth login --device"
})

const notListening = (cause: unknown) =>
  new CliFailure({
    exit: ExitCode.failed,
    code: "UNAVAILABLE",
    message: "no port of this machine could be listened on",
    next: "Sign in on any device: portico auth login --device",
    cause
  })

const listening = Effect.acquireRelease(
  Effect.tryPromise({
    try: () =>
      new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
        const server = createServer()
        server.once("error", reject)
        server.listen(0, "127.0.0.1", () => resolve(server))
      }),
    catch: notListening
  }),
  (server) =>
    Effect.sync(() => {
      // An answer that is being sent is sent.
      server.close()
      server.closeIdleConnections()
    })
)

/** A place that a browser is sent back to. */
export interface Loopback {
  readonly redirect: string
  /** The URL that it came back with: the first one with this `state`, within five minutes. */
  readonly comesBack: Effect.Effect<URL, CliFailure>
}

/** Listens until the scope is closed. Requests that are not the one waited for are refused, and change nothing. */
export const loopback = (state: string): Effect.Effect<Loopback, CliFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const server = yield* listening
    // Boundary: a server that listens on a port has an address with one.
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const came = yield* Deferred.make<URL>()
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const url = URL.canParse(`http://${host}${request.url}`) ? new URL(`http://${host}${request.url}`) : undefined
      if (request.headers.host !== host || url?.pathname !== "/callback") {
        return answer(response, 404, "Not found", "There is nothing here.")
      }
      if (request.method !== "GET" || url.searchParams.get("state") !== state) {
        return answer(response, 400, "This does not work", "This is not the answer that the command line waits for.")
      }
      if (!Deferred.doneUnsafe(came, Effect.succeed(url))) return answer(response, 400, "This does not work", back)
      return url.searchParams.has("code")
        ? answer(response, 200, "Connected", back)
        : answer(response, 200, "Not connected", back)
    })
    return {
      redirect: `http://${host}/callback`,
      comesBack: Effect.timeoutOrElse(Deferred.await(came), {
        duration: patience,
        orElse: () => Effect.fail(nobodyCame)
      })
    }
  })
