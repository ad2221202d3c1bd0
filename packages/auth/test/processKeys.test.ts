import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, layer } from "@effect/vitest"
import type { TestResponse } from "@portico/gate/testing"
import { SchemaInstaller } from "@portico/kernel"
import { defineSchema } from "@portico/schema"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Clock, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { decodeProtectedHeader } from "jose"
import { startIn } from "./support/start.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

const rotatePath = "/gateway/v1/internal/auth/signing-keys/rotate"
const kids = ({ json }: TestResponse) => (json as { keys: Array<{ kid: string }> }).keys.map(({ kid }) => kid)
const kidOf = ({ token }: { readonly token: string }) => decodeProtectedHeader(token).kid

/** Two processes on one database, each on a machine of its own. */
const apart = Effect.gen(function* () {
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  )
  const database = { "database.url": url }
  const [one, two] = [yield* temporaryFolder, yield* temporaryFolder]
  const worlds = { one: { folder: one, database }, two: { folder: two, database } }
  return { worlds, a: yield* startIn(worlds.one), b: yield* startIn(worlds.two) }
})

class Apart extends Context.Service<Apart, Effect.Success<typeof apart>>()("Apart") {}

/** A view that is shown without a credential, installed at one of them. */
const publicView = Effect.fnUntraced(function* (app: Effect.Success<ReturnType<typeof startIn>>) {
  const { contract, contractId } = defineSchema("board.example.dev", { views: { board: { auth: "public" } } })
  const installer = yield* app.get(SchemaInstaller)
  yield* installer.install({ contract, contractId, requires: [], owns: [], acts: null, grants: {}, postInstall: null })
  return "/:board.example.dev:view.board"
})

const jwks = (app: { readonly request: (path: string) => Effect.Effect<TestResponse> }) =>
  Effect.map(app.request("/.well-known/jwks.json"), kids)

describeWithPostgres("signing keys of processes on machines of their own", () => {
  layer(Layer.effect(Apart, apart))((it) => {
    it.effect("are one set, and what each signs is good on the other; no private half leaves its machine", () =>
      Effect.gen(function* () {
        const { a, b, worlds } = yield* Apart
        const ada = yield* a.user("ada")
        const tokens = [yield* a.auth.issueAccessToken(ada.id), yield* b.auth.issueAccessToken(ada.id)]
        const signers = tokens.map(kidOf)
        expect(new Set(signers).size).toBe(2)
        for (const app of [a, b]) {
          expect(yield* jwks(app)).toEqual(expect.arrayContaining(signers))
          for (const { token } of tokens) expect(yield* app.status("/who", { token })).toBe(200)
        }
        yield* a.call(`${ada.path}::grantPerm`, { node: "/", perms: ["READ"] })
        const mint = { path: `${ada.path}::mintDelegationCredential`, params: { ttl: 60_000 } }
        const minted = yield* a.request("/api/call", { token: ada.key, json: mint })
        const { credential: token } = (minted.json as { readonly result: { readonly credential: string } }).result
        for (const app of [a, b]) expect(yield* app.status("/who", { token })).toBe(200)
        const rows = yield* a.rows("SELECT * FROM auth_signing_keys")
        expect(rows.length).toBeGreaterThanOrEqual(2)
        for (const { folder } of Object.values(worlds)) {
          const { keys } = JSON.parse(readFileSync(join(folder, "signing-keys.json"), "utf8"))
          expect(JSON.stringify(rows)).not.toContain(keys[0].d)
        }
      })
    )

    it.effect("are rotated on all of them by one, and verify for the overlap", () =>
      Effect.gen(function* () {
        const { a, b } = yield* Apart
        const { id } = yield* a.user("bob")
        const before = [yield* a.auth.issueAccessToken(id), yield* b.auth.issueAccessToken(id)]
        expect(yield* a.status(rotatePath, { token: a.operatorToken(), json: {} })).toBe(200)
        const after = [yield* a.auth.issueAccessToken(id), yield* b.auth.issueAccessToken(id)]
        expect(new Set([...before, ...after].map(kidOf)).size).toBe(4)
        for (const app of [a, b]) {
          expect(yield* jwks(app)).toEqual(expect.arrayContaining([...before, ...after].map(kidOf)))
          for (const { token } of [...before, ...after]) expect(yield* app.status("/who", { token })).toBe(200)
        }
      })
    )

    it.effect("are known elsewhere from the first token of a public view that a new one signs", () =>
      Effect.gen(function* () {
        const { a, b } = yield* Apart
        const view = yield* publicView(a)
        const json = { view, paths: [`${view}::get`] }
        expect(yield* a.status(rotatePath, { token: a.operatorToken(), json: {} })).toBe(200)
        const shown = yield* a.request("/auth/view-tokens", { token: a.operatorToken(), json })
        const { token } = shown.json as { readonly token: string }
        expect(yield* b.status("/who", { token })).toBe(200)
      })
    )

    it.effect("abuse 12: are worth nothing anywhere once one process has ended them, a restart included", () =>
      Effect.gen(function* () {
        const { a, b, worlds } = yield* Apart
        const { id } = yield* a.user("carol")
        const ended = [yield* a.auth.issueAccessToken(id), yield* b.auth.issueAccessToken(id)]
        const file = (folder: string) => join(folder, "signing-keys.json")
        const kept = readFileSync(file(worlds.two.folder), "utf8")
        expect(yield* a.status(rotatePath, { token: a.operatorToken(), json: { atOnce: true } })).toBe(200)
        const fresh = [yield* b.auth.issueAccessToken(id), yield* a.auth.issueAccessToken(id)]
        // One that comes up with the keys of before does not bring them back.
        const folder = yield* temporaryFolder
        writeFileSync(file(folder), kept, { mode: 0o600 })
        const late = yield* startIn({ folder, database: worlds.two.database })
        for (const app of [a, b, late]) {
          for (const { token } of ended) expect(yield* app.status("/who", { token })).toBe(401)
          for (const { token } of fresh) expect(yield* app.status("/who", { token })).toBe(200)
          expect((yield* jwks(app)).filter((kid) => ended.map(kidOf).includes(kid))).toEqual([])
        }
      })
    )

    it.effect("are published no longer than what they signed lasts, once their process is gone", () =>
      Effect.gen(function* () {
        const { a } = yield* Apart
        const now = yield* Clock.currentTimeMillis
        const [row] = yield* a.rows("SELECT x FROM auth_signing_keys")
        // Three hours without a sign of life, and the day that a delegation may last: but for a minute.
        const seen_at = now - 27 * 3_600_000 + 60_000
        const gone = { kid: "gone", x: String(row?.x), created_at: seen_at, seen_at }
        yield* a.database.sql`INSERT INTO auth_signing_keys ${a.database.sql.insert(gone)}`
        expect(yield* jwks(a)).toContain("gone")
        yield* TestClock.adjust("1 minute")
        const left = yield* jwks(a)
        expect(left).not.toContain("gone")
        expect(left.length).toBeGreaterThan(0)
      })
    )
  })
})
