import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { newWorld, start, startIn } from "./support/start.ts"

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8)

describe("the first start", () => {
  it.effect("makes the operators, and an operator whose token is in a file for its owner alone", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const app = yield* startIn(world)
      expect(mode(join(world.folder, "operator.token"))).toBe("600")
      const token = app.operatorToken()
      const answer = yield* app.request("/gateway/v1/internal/who", { token })
      expect(answer.json).toMatchObject({
        caller: { kind: "Service", name: "Operator", operator: true, credential: { kind: "operator-token" } }
      })
      expect((yield* app.kernel.node("/identities/operators"))._tag).toBe("Some")
    })
  )

  it.effect("leaves nobody a way to take the Role of operators, or the folder that it is in, from where it is", () =>
    Effect.gen(function* () {
      const app = yield* start
      yield* app.call("/:kernel.portico.dev:interface.Node:createNode", {
        class: "kernel.portico.dev:class.Folder",
        path: "/a"
      })
      for (const path of ["/identities", "/identities/operators"]) {
        for (const [method, params] of [
          ["move", { to: "/a" }],
          ["delete", { recursive: true }]
        ] as const) {
          const refusal = yield* Effect.flip(app.call(`${path}::${method}`, params))
          expect([refusal.code, refusal.details?.constraint]).toEqual(["CONSTRAINT_VIOLATED", "builtIn"])
        }
      }
      expect(yield* app.status("/gateway/v1/internal/who", { token: app.operatorToken() })).toBe(200)
    })
  )

  it.effect("makes a signing key for its owner alone, and publishes its public half", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const app = yield* startIn(world)
      expect(mode(join(world.folder, "signing-keys.json"))).toBe("600")
      const answer = yield* app.request("/.well-known/jwks.json")
      expect(answer.json).toEqual({
        keys: [{ kty: "OKP", crv: "Ed25519", x: expect.any(String), kid: expect.any(String), use: "sig", alg: "EdDSA" }]
      })
      const [stored] = JSON.parse(readFileSync(join(world.folder, "signing-keys.json"), "utf8")).keys
      expect(answer.text).not.toContain(stored.d)
    })
  )
})

describe("a later start", () => {
  it.effect("keeps tokens, keys and what operators have changed", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const app = yield* startIn(world)
          const { id, key } = yield* app.user("ada")
          yield* app.call("/identities/operators::removeMember", { member: "/identities/operator" })
          return { key, token: (yield* app.auth.issueAccessToken(id)).token, operator: app.operatorToken() }
        })
      )
      const app = yield* startIn(world)
      expect(app.operatorToken()).toBe(before.operator)
      for (const token of [before.key, before.token, before.operator]) {
        expect(yield* app.status("/who", { token })).toBe(200)
      }
      expect(yield* app.status("/gateway/v1/internal/who", { token: before.operator })).toBe(403)
    })
  )

  for (const [what, spoil] of [
    ["is missing", (file: string) => rmSync(file)],
    ["holds something else", (file: string) => writeFileSync(file, "something else")]
  ] as const) {
    it.effect(`writes operator.token anew where it ${what}, and ends the one before`, () =>
      Effect.gen(function* () {
        const world = yield* newWorld
        const before = yield* Effect.scoped(Effect.map(startIn(world), (app) => app.operatorToken()))
        spoil(join(world.folder, "operator.token"))
        const app = yield* startIn(world)
        expect(app.operatorToken()).not.toBe(before)
        expect(yield* app.status("/who", { token: app.operatorToken() })).toBe(200)
        expect(yield* app.status("/who", { token: before })).toBe(401)
      })
    )
  }

  it.effect("closes secret files that others could read", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      yield* Effect.scoped(startIn(world))
      for (const name of ["operator.token", "signing-keys.json"]) chmodSync(join(world.folder, name), 0o644)
      const app = yield* startIn(world)
      for (const name of ["operator.token", "signing-keys.json"]) {
        expect(mode(join(world.folder, name))).toBe("600")
        expect(app.log.some(({ message }) => message.includes(name))).toBe(true)
      }
    })
  )

  it.effect("does not happen with damaged signing keys, which stay as they are", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      yield* Effect.scoped(startIn(world))
      const file = join(world.folder, "signing-keys.json")
      for (const text of ["", "{}", '{"keys":[]}', '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}']) {
        writeFileSync(file, text)
        expect(String(yield* Effect.flip(Effect.scoped(startIn(world))))).toContain(file)
        expect(readFileSync(file, "utf8")).toBe(text)
      }
    })
  )
})

describe("secrets", () => {
  it.effect("are neither stored nor logged", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const app = yield* startIn(world)
      const code = (yield* app.code) ?? ""
      const password = "correct horse battery"
      const made = yield* app.request("/auth/setup", { json: { code, password } })
      const { accessToken, apiKey } = made.json as Record<string, string>
      yield* app.request("/auth/login", { json: { identity: "admin", password } })
      yield* app.request("/auth/login", { json: { identity: "admin", password: "wrong horse battery" } })
      yield* app.request("/who", { token: `${apiKey}x` })
      yield* app.request("/who", { token: apiKey ?? "" })
      const privateKey = JSON.parse(readFileSync(join(world.folder, "signing-keys.json"), "utf8")).keys[0].d
      const secrets = [code, password, "wrong horse battery", accessToken, apiKey, app.operatorToken(), privateKey]
      const stored = ["portico.db", "portico.db-wal"].map((name) => readFileSync(join(world.folder, name), "latin1"))
      const said = JSON.stringify([app.log, app.accessLog])
      for (const secret of secrets) {
        expect(String(secret).length).toBeGreaterThan(12)
        expect(stored.some((text) => text.includes(String(secret)))).toBe(false)
        expect(said).not.toContain(secret)
      }
    })
  )

  it.effect("of an unknown caller are not in its answer either", () =>
    Effect.gen(function* () {
      const app = yield* start
      const answer = yield* app.request("/who", { token: "portico_secret" })
      expect(answer.text).not.toContain("portico_secret")
    })
  )
})
