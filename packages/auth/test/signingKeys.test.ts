import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { AuthModule } from "@portico/auth"
import { Gateway } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import { FakeKeyStore, GatewayTest } from "@portico/gate/testing"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { KernelModule } from "@portico/kernel"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { decodeProtectedHeader } from "jose"
import { newWorld, start, startIn } from "./support/start.ts"

const rotatePath = "/gateway/v1/internal/auth/signing-keys/rotate"
const kids = (json: unknown) => (json as { keys: Array<{ kid: string }> }).keys.map(({ kid }) => kid)

describe("signing keys", () => {
  it.effect("are rotated by an operator, with an overlap in which tokens of the key before stay good", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id } = yield* app.user("ada")
      const before = yield* app.auth.issueAccessToken(id)
      const rotated = yield* app.request(rotatePath, { token: app.operatorToken(), json: {} })
      expect(rotated.status).toBe(200)
      const [signing, retired] = kids(rotated.json)
      expect(decodeProtectedHeader(before.token).kid).toBe(retired)
      const after = yield* app.auth.issueAccessToken(id)
      expect(decodeProtectedHeader(after.token).kid).toBe(signing)
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).toEqual([signing, retired])
      for (const { token } of [before, after]) expect(yield* app.status("/who", { token })).toBe(200)
    })
  )

  it.effect("that were rotated out verify nothing beyond the longest token and a minute (abuse 12)", () =>
    Effect.gen(function* () {
      const app = yield* startIn(yield* newWorld, { "auth.accessTokenLifetime": 86_400 })
      const { id } = yield* app.user("ada")
      const { token } = yield* app.auth.issueAccessToken(id)
      const [kid] = kids((yield* app.request("/.well-known/jwks.json")).json)
      yield* app.request(rotatePath, { token: app.operatorToken(), json: {} })
      yield* TestClock.adjust("24 hours")
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).toContain(kid)
      yield* TestClock.adjust("61 seconds")
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).not.toContain(kid)
      expect(yield* app.status("/who", { token })).toBe(401)
    })
  )

  it.effect("abuse 12: that were rotated out verify the longest delegation to its end, and nothing beyond that", () =>
    Effect.gen(function* () {
      const app = yield* startIn(yield* newWorld, { "auth.delegationLifetime": 172_800 })
      const ada = yield* app.user("ada")
      yield* app.call(`${ada.path}::grantPerm`, { node: "/", perms: ["READ"] })
      const mint = { path: `${ada.path}::mintDelegationCredential`, params: { ttl: 1_000_000 } }
      const minted = yield* app.request("/api/call", { token: ada.key, json: mint })
      const { credential: token } = (minted.json as { readonly result: { readonly credential: string } }).result
      const [kid] = kids((yield* app.request("/.well-known/jwks.json")).json)
      expect(decodeProtectedHeader(token).kid).toBe(kid)
      yield* app.request(rotatePath, { token: app.operatorToken(), json: {} })
      yield* TestClock.adjust("47 hours")
      expect(yield* app.status("/who", { token })).toBe(200)
      yield* TestClock.adjust("59 minutes")
      expect(yield* app.status("/who", { token })).toBe(200)
      yield* TestClock.adjust("1 minute")
      expect(yield* app.status("/who", { token })).toBe(401)
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).not.toContain(kid)
    })
  )

  it.effect("that got into other hands verify nothing from now on, remembered or not (abuse 12)", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { id } = yield* app.user("ada")
      const [seen, unseen] = [yield* app.auth.issueAccessToken(id), yield* app.auth.issueAccessToken(id)]
      expect(yield* app.status("/who", { token: seen.token })).toBe(200)
      yield* app.request(rotatePath, { token: app.operatorToken(), json: { atOnce: true } })
      for (const { token } of [seen, unseen]) expect(yield* app.status("/who", { token })).toBe(401)
      const fresh = yield* app.auth.issueAccessToken(id)
      expect(yield* app.status("/who", { token: fresh.token })).toBe(200)
    })
  )

  it.effect("are rotated when they have signed for long enough, while running", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const app = yield* startIn(world, { "auth.signingKeyLifetime": 7_200 })
      const [first] = kids((yield* app.request("/.well-known/jwks.json")).json)
      yield* TestClock.adjust("1 hour")
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).toEqual([first])
      yield* TestClock.adjust("61 minutes")
      yield* app.until(Effect.map(app.request("/.well-known/jwks.json"), ({ json }) => kids(json).length === 2))
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)[1]).toBe(first)
    })
  )

  it.effect("outlive a restart, those that only verify as well, in a file that is its owner's alone", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const app = yield* startIn(world)
          const { id } = yield* app.user("ada")
          const { token } = yield* app.auth.issueAccessToken(id)
          yield* app.request(rotatePath, { token: app.operatorToken(), json: {} })
          return { token, keys: kids((yield* app.request("/.well-known/jwks.json")).json) }
        })
      )
      const app = yield* startIn(world)
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).toEqual(before.keys)
      expect(yield* app.status("/who", { token: before.token })).toBe(200)
      expect(statSync(join(world.folder, "signing-keys.json")).mode & 0o777).toBe(0o600)
    })
  )

  it.effect("are for operators to rotate, and for nobody else", () =>
    Effect.gen(function* () {
      const app = yield* start
      const { key } = yield* app.user("ada")
      expect(yield* app.status(rotatePath, { json: {} })).toBe(401)
      expect(yield* app.status(rotatePath, { token: key, json: {} })).toBe(403)
      const events = yield* app.rows("SELECT event FROM auth_audit WHERE event = 'signing-key.rotated'")
      expect(events).toEqual([])
    })
  )

  it.effect("move into the product's key store once it has one", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const file = join(world.folder, "signing-keys.json")
      const [kid] = yield* Effect.scoped(
        Effect.flatMap(startIn(world), (app) =>
          Effect.map(app.request("/.well-known/jwks.json"), ({ json }) => kids(json))
        )
      )
      const kept = readFileSync(file, "utf8")
      const store = yield* Effect.map(Layer.build(FakeKeyStore.layer), (context) => context)
      const app = yield* GatewayTest.make(
        Gateway.make({ identity: { id: "test", name: "Test" }, modules: [SqliteModule, KernelModule, AuthModule] }),
        {
          config: { "gate.dataDir": world.folder, "gate.publicUrl": "http://localhost" },
          fakes: [Layer.succeedContext(store)]
        }
      )
      expect(kids((yield* app.request("/.well-known/jwks.json")).json)).toEqual([kid])
      expect(existsSync(file)).toBe(false)
      expect(kept).toContain('"d"')
      expect(yield* (yield* app.get(KeyStore)).list).toEqual(["auth.signing-keys"])
    })
  )
})
