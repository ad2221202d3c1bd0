import { describe, expect, it } from "@effect/vitest"
import {
  type EnrolmentWish,
  generateTrustKey,
  proveEnrolment,
  signEnrolment,
  type TrustKeyPair
} from "@portico/auth/trust"
import { K } from "@portico/schema"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn, type World } from "../support/start.ts"

interface Entered {
  readonly status: number
  readonly body: {
    readonly identity: { readonly id: string; readonly path: string }
    readonly apiKey: string
    readonly expiresAt: number
    readonly error?: unknown
  }
}

const root = generateTrustKey()

const startAt = (place: World) =>
  Effect.gen(function* () {
    const app = yield* startIn(place, { "auth.trustRoots": root.publicKey })
    const sign = (wish: Partial<EnrolmentWish> = {}, by: TrustKeyPair = root) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        signEnrolment(
          by,
          { role: "consumer", type: "policy", attributes: {}, expiresAt: now + 3_600_000, ...wish },
          now
        )
      )
    const enrol = (credential: string, proof?: string) =>
      Effect.map(
        app.request("/auth/enrol", { method: "POST", json: { credential, ...(proof === undefined ? {} : { proof }) } }),
        // Boundary: the shape of the answers that are asserted on below.
        ({ json, status }): Entered => ({ status, body: json as Entered["body"] })
      )
    const groups = (token: string) =>
      Effect.map(
        app.request("/api/call", { method: "POST", token, json: { path: K.Identity.whoami.path } }),
        ({ json }) =>
          (json as { result: { groups: ReadonlyArray<{ path: string }> } }).result.groups.map(({ path }) => path).sort()
      )
    const refusals = Effect.map(app.rows("SELECT details FROM auth_audit WHERE event = 'enrolment.refused'"), (rows) =>
      rows.map(({ details }) => JSON.parse(String(details)))
    )
    return { ...app, sign, enrol, groups, refusals }
  })

const start = Effect.flatMap(newWorld, startAt)

describe("enrolling", () => {
  it.effect("gives a client a Service of its own, and a key that is no better than the credential", () =>
    Effect.gen(function* () {
      const { enrol, groups, request, sign } = yield* start
      const { body, status } = yield* enrol(yield* sign({ attributes: { name: "laptop" } }))
      expect([status, body.identity.path, body.expiresAt]).toEqual([201, "/identities/consumers/laptop", 3_600_000])
      expect((yield* request("/who", { token: body.apiKey })).json).toMatchObject({
        caller: {
          id: body.identity.id,
          kind: "Service",
          name: "laptop",
          operator: false,
          credential: { kind: "enrolment" }
        }
      })
      expect(yield* groups(body.apiKey)).toEqual(["/identities/roles/consumers"])
      yield* TestClock.setTime(3_600_000)
      expect((yield* request("/who", { token: body.apiKey })).status).toBe(401)
    })
  )

  it.effect("again with the same name is the same Service; a producer's is another one", () =>
    Effect.gen(function* () {
      const { enrol, sign } = yield* start
      const named = { attributes: { name: "crm" } }
      const first = yield* enrol(yield* sign(named))
      const again = yield* enrol(yield* sign(named))
      const producer = yield* enrol(yield* sign({ ...named, role: "producer" }))
      expect(again.body.identity).toEqual(first.body.identity)
      expect(producer.body.identity.path).toBe("/identities/producers/crm")
    })
  )

  it.effect("maps roles to Role identities that are there, and makes none", () =>
    Effect.gen(function* () {
      const { call, enrol, groups, refusals, sign } = yield* start
      yield* enrol(yield* sign())
      yield* call(K.Node.createNode.path, { class: K.Folder.ref, path: "/identities/roles/crm" })
      yield* call(K.Node.createNode.path, { class: K.Role.ref, path: "/identities/roles/crm/reader" })
      const { body } = yield* enrol(yield* sign({ attributes: { name: "a", roles: "crm/reader" } }))
      expect(yield* groups(body.apiKey)).toEqual(["/identities/roles/consumers", "/identities/roles/crm/reader"])
      for (const roles of ["crm/writer", "../operators", "crm", "crm/reader,nope", "/identities/operators"]) {
        expect((yield* enrol(yield* sign({ attributes: { name: "b", roles } }))).status).toBe(401)
      }
      expect((yield* refusals).map(({ step }) => step)).toEqual(Array(5).fill("identity"))
    })
  )

  it.effect("with a credential that is bound to a node takes that node's key, and registers it", () =>
    Effect.gen(function* () {
      const { enrol, request, sign } = yield* start
      const node = generateTrustKey()
      const credential = yield* sign({ endpointId: node.publicKey, attributes: { name: "edge" } })
      expect((yield* enrol(credential)).status).toBe(401)
      const { body, status } = yield* enrol(credential, yield* proveEnrolment(node, credential, "http://localhost", 0))
      expect(status).toBe(201)
      const { json } = yield* request("/auth/identity-keys", { token: body.apiKey })
      expect(json).toMatchObject({ keys: [{ x: Buffer.from(node.publicKey, "hex").toString("base64url") }] })
    })
  )

  it.effect("under a name that has another node's key is refused, unless who signed it says otherwise (abuse 13)", () =>
    Effect.gen(function* () {
      const { enrol, refusals, request, rows, sign } = yield* start
      const [node, other] = [generateTrustKey(), generateTrustKey()]
      const enter = (of: TrustKeyPair, attributes = {}) =>
        Effect.gen(function* () {
          const wish = { endpointId: of.publicKey, attributes: { name: "edge", ...attributes } }
          const credential = yield* sign(wish)
          return yield* enrol(credential, yield* proveEnrolment(of, credential, "http://localhost", 0))
        })
      const keys = rows("SELECT x, identity FROM auth_identity_keys")
      const { identity } = (yield* enter(node)).body
      const before = yield* keys
      expect((yield* enter(other)).status).toBe(401)
      expect(yield* keys).toEqual(before)
      expect(yield* refusals).toMatchObject([{ step: "identity", reason: "it has another key than before" }])
      expect((yield* enter(node)).body.identity).toEqual(identity)
      const { body, status } = yield* enter(other, { replaceKey: "true" })
      expect([status, body.identity]).toEqual([201, identity])
      const { json } = yield* request("/auth/identity-keys", { token: body.apiKey })
      expect(json).toMatchObject({ keys: [{ x: Buffer.from(other.publicKey, "hex").toString("base64url") }] })
      expect((yield* enter(node)).status).toBe(401)
    })
  )

  it.effect("is refused in the same words whatever is wrong, and the audit log says what", () =>
    Effect.gen(function* () {
      const { enrol, refusals, rows, sign } = yield* start
      const ott = yield* sign({ type: "ott" })
      yield* enrol(ott)
      const wrong = [
        "a.b.c",
        yield* sign({}, generateTrustKey()),
        yield* sign({ endpointId: generateTrustKey().publicKey }),
        yield* sign({ expiresAt: 0 }),
        ott
      ]
      const bodies = yield* Effect.forEach(wrong, (credential) =>
        Effect.map(enrol(credential), ({ body, status }) => {
          const { requestId: _, ...error } = body.error as Readonly<Record<string, unknown>>
          return { status, error }
        })
      )
      const told = { status: 401, error: { code: "UNAUTHENTICATED", message: "The enrolment was refused." } }
      expect(bodies).toEqual(wrong.map(() => told))
      // Of what anybody can cause, the first of a minute is written.
      expect((yield* refusals).map(({ step, reason }) => [step, reason])).toEqual([
        ["parse", "not an enrolment credential"],
        ["binding", "shown without its key"],
        ["expiry", "expired"],
        ["nonce", "used before"]
      ])
      const text = JSON.stringify(yield* rows("SELECT * FROM auth_audit"))
      for (const credential of wrong.slice(1)) expect(text).not.toContain(credential)
    })
  )

  it.effect("once means once, also at the same time and after a restart (abuse 11)", () =>
    Effect.gen(function* () {
      const place = yield* newWorld
      const credential = yield* Effect.scoped(
        Effect.gen(function* () {
          const { enrol, sign } = yield* startAt(place)
          const ott = yield* sign({ type: "ott" })
          const answers = yield* Effect.all(
            Array.from({ length: 10 }, () => enrol(ott)),
            { concurrency: "unbounded" }
          )
          expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(401)])
          return ott
        })
      )
      const { enrol } = yield* startAt(place)
      expect((yield* enrol(credential)).status).toBe(401)
    })
  )

  it.effect("is over for whom an operator deletes, whatever they hold", () =>
    Effect.gen(function* () {
      const { call, enrol, refusals, sign } = yield* start
      const credential = yield* sign({ attributes: { name: "lost" } })
      yield* enrol(credential)
      yield* call("/identities/consumers/lost::delete")
      expect((yield* enrol(credential)).status).toBe(401)
      expect(yield* refusals).toMatchObject([{ step: "identity", reason: "its identity was taken away" }])
    })
  )

  it.effect("is for nobody where no root is trusted", () =>
    Effect.gen(function* () {
      const app = yield* startIn(yield* newWorld)
      const credential = yield* signEnrolment(
        root,
        { role: "consumer", type: "policy", attributes: {}, expiresAt: 60_000 },
        0
      )
      expect(yield* app.status("/auth/enrol", { method: "POST", json: { credential } })).toBe(401)
    })
  )

  it.effect("slows down who guesses, and nobody else", () =>
    Effect.gen(function* () {
      const { enrol, sign } = yield* start
      const good = yield* sign()
      for (let count = 0; count < 40; count++) expect((yield* enrol(good)).status).toBe(201)
      for (let count = 0; count < 31; count++) expect((yield* enrol("a.b.c")).status).toBe(401)
      expect((yield* enrol("a.b.c")).status).toBe(429)
      yield* TestClock.adjust("2 seconds")
      expect((yield* enrol(good)).status).toBe(201)
    })
  )

  it.effect("keeps a hundred keys of one Service, the newest", () =>
    Effect.gen(function* () {
      const { enrol, rows, request, sign } = yield* start
      const credential = yield* sign({ attributes: { name: "busy" } })
      const first = yield* enrol(credential)
      for (let count = 0; count < 100; count++) {
        yield* TestClock.adjust("1 second")
        expect((yield* enrol(credential)).status).toBe(201)
      }
      const live = yield* rows("SELECT id FROM auth_api_keys WHERE kind = 'enrolment' AND revoked_at IS NULL")
      expect(live).toHaveLength(100)
      expect((yield* request("/who", { token: first.body.apiKey })).status).toBe(401)
    })
  )
})
