import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authenticator, type AuthenticatorService } from "../../../contracts/Authenticator.ts"
import type { Caller } from "../../../contracts/Caller.ts"
import { GateError } from "../../../GateError.ts"
import { KnownRequests } from "./KnownRequests.ts"

/** Callers by the token that they show as `Authorization: Bearer <token>`. */
type Tokens = Readonly<Record<string, Caller>>

const refused = Effect.fail(
  GateError.make("UNAUTHENTICATED", "The credential is not valid.", {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' }
  })
)

const makeFakeAuthenticator = (
  tokens: Tokens = {}
): { readonly service: AuthenticatorService; readonly revoke: (token: string) => void } => {
  const callers = new Map(Object.entries(tokens))
  const authenticate: AuthenticatorService["authenticate"] = ({ headers: { authorization } }) => {
    if (authorization === undefined) return Effect.succeedNone
    const caller = callers.get(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? "")
    if (caller === undefined) return refused
    const { expiresAt = Number.POSITIVE_INFINITY } = caller.credential
    return Effect.flatMap(Clock.currentTimeMillis, (now) => (now < expiresAt ? Effect.succeedSome(caller) : refused))
  }
  return { service: { authenticate, challenge: "Bearer" }, revoke: (token) => void callers.delete(token) }
}

const ada: Caller = { id: "1", kind: "User", name: "ada", operator: false, credential: { kind: "test" } }
const root: Caller = { ...ada, id: "2", name: "root", operator: true }
const late: Caller = { ...ada, id: "3", name: "late", credential: { kind: "test", expiresAt: 0 } }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export const FakeAuthenticator = {
  /**
   * An `Authenticator` that knows the callers that it is given, by their bearer tokens, and `revoke`, which takes a token
   * back. A caller whose `credential.expiresAt` has come is refused.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { CurrentCaller, Gateway } from "@portico/gate"
   * import { Authenticator } from "@portico/gate/contracts"
   * import { FakeAuthenticator, testModule } from "@portico/gate/testing"
   * import * as Effect from "effect/Effect"
   * import * as HttpServerResponse from "effect/http/HttpServerResponse"
   * import * as Layer from "effect/Layer"
   * import * as Option from "effect/Option"
   *
   * const handle = Effect.map(CurrentCaller, ({ caller }) =>
   *   HttpServerResponse.text(`Hello, ${Option.getOrThrow(caller).name}!`)
   * )
   * const Hello = Gateway.module.define({
   *   id: "hello",
   *   displayName: "Hello",
   *   requires: [Authenticator],
   *   routes: [{ id: "route:hello", scope: "public", mountPath: "/hello", handle }]
   * })
   *
   * const test = Effect.gen(function* () {
   *   const { service } = FakeAuthenticator.make({
   *     "token-of-ada": { id: "1", kind: "User", name: "Ada", operator: false, credential: { kind: "test" } }
   *   })
   *   const { request } = yield* testModule(Hello, { provide: Layer.succeed(Authenticator, service) })
   *   assert.equal((yield* request("/hello", { token: "token-of-ada" })).text, "Hello, Ada!")
   *   assert.equal((yield* request("/hello")).status, 401)
   * })
   * await Effect.runPromise(Effect.scoped(test))
   * ```
   */
  make: makeFakeAuthenticator,
  /** One that knows a person and an operator, as a layer for the contract's suite. */
  layer: Layer.effectContext(
    Effect.sync(() => {
      const { revoke, service } = makeFakeAuthenticator({ "ada-s3cr3t": ada, "root-s3cr3t": root, late })
      return Context.make(Authenticator, service).pipe(
        Context.add(KnownRequests, {
          person: { headers: bearer("ada-s3cr3t"), secret: "ada-s3cr3t", caller: ada },
          operator: { headers: bearer("root-s3cr3t"), secret: "root-s3cr3t", caller: root },
          refused: { malformed: { authorization: "Basic YTpi" }, unknown: bearer("nobody"), expired: bearer("late") },
          revoke: Effect.sync(() => revoke("ada-s3cr3t"))
        })
      )
    })
  )
} as const
