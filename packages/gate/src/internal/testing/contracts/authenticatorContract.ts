import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Authenticator, type AuthenticatorService } from "../../../contracts/Authenticator.ts"
import { GateError } from "../../../GateError.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"
import { type KnownRequest, KnownRequests } from "./KnownRequests.ts"

// RFC 9110, section 11.6.1: a scheme, and what goes with it.
const challengeForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+( .+)?$/

const requestWith = (headers: Readonly<Record<string, string>>) =>
  HttpServerRequest.fromWeb(new Request("http://localhost/", { headers }))

/**
 * What every provider of `Authenticator` must do, as checks for any test runner. `layer` also gives `KnownRequests`: what
 * the provider's credentials look like.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { authenticatorContract, FakeAuthenticator } from "@portico/gate/testing"
 *
 * for (const { check, name } of authenticatorContract(FakeAuthenticator.layer)) it.effect(name, () => check)
 * ```
 */
export const authenticatorContract = <E>(
  layer: Layer.Layer<Authenticator | KnownRequests, E>
): ReadonlyArray<ContractCheck> => {
  const suite = makeSuite(Authenticator, layer)
  type Body = (authenticator: AuthenticatorService, known: KnownRequests["Service"]) => Effect.Effect<void, unknown>
  const test = (name: string, body: Body) =>
    suite.test(name, (authenticator) => Effect.flatMap(KnownRequests, (known) => body(authenticator, known)))

  const callerOf = (authenticator: AuthenticatorService, { headers }: Pick<KnownRequest, "headers">) =>
    Effect.map(authenticator.authenticate(requestWith(headers)), (caller) => {
      assert.ok(Option.isSome(caller), "the request shows a credential")
      return caller.value
    })
  const refusalOf = ({ authenticate }: AuthenticatorService, what: string, headers: Readonly<Record<string, string>>) =>
    Effect.map(Effect.result(authenticate(requestWith(headers))), (result) => {
      assert.ok(result._tag === "Failure", `a credential that is ${what} is believed`)
      assert.ok(result.failure instanceof GateError)
      assert.deepEqual([what, result.failure.code, result.failure.status], [what, "UNAUTHENTICATED", 401])
      return result.failure
    })

  test("a request without a credential is nobody's", ({ authenticate }) =>
    Effect.gen(function* () {
      for (const headers of [{}, { accept: "text/html", "x-request-id": "1" }]) {
        assert.ok(Option.isNone(yield* authenticate(requestWith(headers))))
      }
    }))

  test("a request with a credential is its caller's, the next one, too", (authenticator, { operator, person }) =>
    Effect.gen(function* () {
      assert.deepEqual([person.caller.operator, operator.caller.operator], [false, true])
      for (const known of [person, operator, person, operator]) {
        const { credential, ...caller } = yield* callerOf(authenticator, known)
        const { id, kind, name, operator: isOperator } = caller
        const expected = known.caller
        assert.deepEqual(
          { id, kind, name, operator: isOperator },
          { id: expected.id, kind: expected.kind, name: expected.name, operator: expected.operator }
        )
        assert.notEqual(credential.kind, "")
      }
    }))

  test("requests at once are each their own caller's", (authenticator, { operator, person }) =>
    Effect.gen(function* () {
      const known = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? person : operator))
      const ids = yield* Effect.forEach(known, (each) => callerOf(authenticator, each), { concurrency: "unbounded" })
      assert.deepEqual(
        ids.map(({ id }) => id),
        known.map(({ caller }) => caller.id)
      )
    }))

  test("a caller holds nothing of the secret that was shown", (authenticator, { operator, person }) =>
    Effect.gen(function* () {
      for (const known of [person, operator]) {
        assert.ok(Object.values(known.headers).some((value) => value.includes(known.secret)))
        assert.ok(!JSON.stringify(yield* callerOf(authenticator, known)).includes(known.secret))
      }
    }))

  test("a bad credential is refused, and is not taken for none", (authenticator, { refused }) =>
    Effect.gen(function* () {
      assert.ok(Object.keys(refused).length > 0, "there must be bad credentials to show")
      for (const [what, headers] of Object.entries(refused)) {
        yield* refusalOf(authenticator, what, headers)
        yield* refusalOf(authenticator, `${what} and shown again`, headers)
      }
    }))

  test("a refusal tells nothing of what was shown", (authenticator, { person, revoke }) =>
    Effect.gen(function* () {
      yield* revoke
      const { details, headers, message } = yield* refusalOf(authenticator, "revoked", person.headers)
      assert.ok(!JSON.stringify([message, details, headers]).includes(person.secret))
    }))

  test("a credential is refused from the moment that it is revoked, and no other with it", (authenticator, known) =>
    Effect.gen(function* () {
      yield* callerOf(authenticator, known.person)
      yield* callerOf(authenticator, known.operator)
      yield* known.revoke
      yield* refusalOf(authenticator, "revoked", known.person.headers)
      yield* callerOf(authenticator, known.operator)
    }))

  test("the challenge is one that HTTP clients understand", ({ challenge }) =>
    Effect.sync(() => {
      if (challenge !== undefined) assert.match(challenge, challengeForm)
    }))

  return suite.checks
}
