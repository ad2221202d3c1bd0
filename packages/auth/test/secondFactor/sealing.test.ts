import { statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Secret, TOTP } from "otpauth"
import { makeSealer } from "../../src/internal/secondFactor/sealer.ts"
import { startIn, type World } from "../support/start.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const password = "correct horse battery"

type App = Effect.Success<ReturnType<typeof startIn>>

/** Machines with folders of their own on one database. */
const machines = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => Effect.map(temporaryFolder, (folder): World => ({ folder, database: { "database.url": url } }))
)

const codeOf = (secret: string) =>
  Effect.map(Clock.currentTimeMillis, (timestamp) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp })
  )

/** Somebody new who sets up a second factor at one of them. */
const enrolled = Effect.fnUntraced(function* (app: App, name: string) {
  const { id } = yield* app.user(name)
  yield* app.auth.setPassword(id, password)
  const signedIn = yield* app.request("/auth/login", { json: { identity: name, password, session: true } })
  const { csrfToken } = signedIn.json as { readonly csrfToken: string }
  const headers = { cookie: (signedIn.headers["set-cookie"] ?? "").split(";")[0] ?? "", "x-csrf-token": csrfToken }
  const ask = (what: string, json: unknown) => app.request(`/auth/second-factor/${what}`, { json, headers })
  const { secret } = (yield* ask("begin", {})).json as { readonly secret: string }
  expect((yield* ask("confirm", { code: yield* codeOf(secret) })).status).toBe(200)
  const login = (at: App) =>
    Effect.gen(function* () {
      yield* TestClock.adjust("30 seconds")
      const code = yield* codeOf(secret)
      return (yield* at.request("/auth/login", { json: { identity: name, password, code } })).status
    })
  return { id, secret, login }
})

/** Sealed as before: with a key of thirty-two sevens, which has no id. */
const sevens = Buffer.alloc(32, 7)
const sealedBefore = makeSealer({ current: Effect.succeed({ id: "", key: sevens }), find: () => Effect.undefined }).seal

describeWithPostgres("secrets of authenticator apps, on machines of their own", () => {
  it.effect("are read by all of them, a new one soon included, and by nobody who has the database alone", () =>
    Effect.gen(function* () {
      const machine = yield* machines
      const [one, two] = [yield* machine, yield* machine]
      const a = yield* startIn(one)
      yield* TestClock.adjust("1 hour")
      const ada = yield* enrolled(a, "ada")
      const b = yield* startIn(two)
      const handedOver = Effect.map(a.rows("SELECT id FROM auth_sealing_keys"), ({ length }) => length === 2)
      yield* a.until(Effect.orDie(handedOver))
      expect(yield* ada.login(b)).toBe(200)
      // What b seals a reads at once, though it is older.
      const bob = yield* enrolled(b, "bob")
      expect(yield* bob.login(a)).toBe(200)

      const keys = yield* a.rows("SELECT id, recipient, wrapped FROM auth_sealing_keys")
      expect(keys).toHaveLength(2)
      expect(new Set(keys.map(({ id }) => id)).size).toBe(1)
      expect(yield* a.rows("SELECT value FROM auth_state WHERE name = 'sealing-key'")).toEqual([])
      for (const { folder } of [one, two]) {
        expect(statSync(join(folder, "unsealing-key.json")).mode & 0o777).toBe(0o600)
      }
      // Handed over for another, or under another name, a key is none.
      yield* a.database.sql`UPDATE auth_sealing_keys SET wrapped = (SELECT min(wrapped) FROM auth_sealing_keys)`
      const late = yield* Effect.all([startIn(one), startIn(two)])
      const read = yield* Effect.forEach(late, (app) => ada.login(app))
      expect([...read].sort()).toEqual([200, 503])
    })
  )

  it.effect("wait for somebody who can hand their key over where a machine comes up alone", () =>
    Effect.gen(function* () {
      const machine = yield* machines
      const where = yield* machine
      const ada = yield* Effect.scoped(
        Effect.gen(function* () {
          const a = yield* startIn(where)
          yield* TestClock.adjust("1 hour")
          return yield* enrolled(a, "ada")
        })
      )
      const b = yield* startIn(yield* machine)
      expect(yield* ada.login(b)).toBe(503)
      const a = yield* startIn(where)
      for (const app of [a, b]) expect(yield* ada.login(app)).toBe(200)
    })
  )

  it.effect("that were sealed with a key in the database itself are read, and that key is not there any more", () =>
    Effect.gen(function* () {
      const machine = yield* machines
      const [one, two] = [yield* machine, yield* machine]
      const ada = yield* Effect.scoped(
        Effect.gen(function* () {
          const a = yield* startIn(one)
          yield* TestClock.adjust("1 hour")
          const ada = yield* enrolled(a, "ada")
          // As a version before has left it: the secret of a key without an id, and the key beside it.
          const value = sevens.toString("base64url")
          const sealed = yield* sealedBefore(ada.secret, ada.id)
          yield* a.database.sql`INSERT INTO auth_state ${a.database.sql.insert({ name: "sealing-key", value })}`
          yield* a.database.sql`UPDATE auth_totp SET secret = ${sealed} WHERE identity = ${ada.id}`
          return ada
        })
      )
      const [a, b] = [yield* startIn(one), yield* startIn(two)]
      for (const app of [a, b]) expect(yield* ada.login(app)).toBe(200)
      expect(yield* a.rows("SELECT value FROM auth_state WHERE name = 'sealing-key'")).toEqual([])
    })
  )
})
