import { describe, expect, it } from "@effect/vitest"
import { Authority, type Bound } from "@portico/kernel"
import { K, PorticoError } from "@portico/schema"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn } from "../support/start.ts"
import type { MintedCredential } from "./world.ts"

/** The sentences of the specification, followed one by one over plain data. */
const oracle = {
  paths: ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/e", "/f", "/f/g", "/f/g/h", "/f/i", "/j", "/j/k", "/l"],
  /** The root's grants, of its own and of a group that it is in. */
  granted: { "/a": 7, "/a/b/c": 8, "/f": 1, "/f/g": 6, "/f/g/h": 8, "/j/k": 15 } as Readonly<Record<string, number>>,
  isUnder: (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`),
  standing: (path: string): number => {
    let mask = 0
    for (const [on, bits] of Object.entries(oracle.granted)) if (oracle.isUnder(path, on)) mask |= bits
    return mask
  },
  mask: (path: string, links: ReadonlyArray<Link>): number => {
    let mask = oracle.standing(path)
    for (const { nodes, perms } of links) {
      const inside = nodes === undefined || nodes.some((top) => oracle.isUnder(path, top))
      mask = inside ? mask & (perms ?? 7) : 0
    }
    return mask
  }
}

interface Link {
  readonly nodes: ReadonlyArray<string> | undefined
  readonly perms: number | undefined
}

/** mulberry32: the same numbers in each run. */
const random = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <A>(items: ReadonlyArray<A>): A => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error("nothing to pick from")
    return item
  }
  const shuffled = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> =>
    items
      .map((item) => [next(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)
  return { next, below, pick, shuffled }
}

const setup = Effect.gen(function* () {
  const app = yield* startIn(yield* newWorld, { "database.file": ":memory:" })
  for (const path of oracle.paths) yield* app.call(K.Node.createNode.path, { class: K.Folder.ref, path })
  const { id, path } = yield* app.user("ada")
  yield* app.call(K.Node.createNode.path, { class: K.Group.ref, path: "/identities/staff" })
  yield* app.call("/identities/staff::addMember", { member: path })
  for (const [index, [node, perms]] of Object.entries(oracle.granted).entries()) {
    yield* app.call(`${index % 2 === 0 ? path : "/identities/staff"}::grantPerm`, { node, perms })
  }

  const masks = (authority: Authority) => Effect.forEach(oracle.paths, (node) => app.kernel.mask(authority, node))

  const mint = (authority: Authority, { nodes, perms }: Link) => {
    const scope = { ...(nodes === undefined ? {} : { nodes }), ...(perms === undefined ? {} : { perms }) }
    const request = { path: `${path}::mintDelegationCredential`, params: { scope, ttl: 60 } }
    return Effect.map(app.kernel.call(authority, request), ({ result }) => result as MintedCredential)
  }

  const authorityOf = (credential: string) => Effect.map(app.auth.verify(credential), Authority.fromCaller)
  const ada = { id, kind: "User", name: "ada", operator: false, credential: { kind: "test" } }
  const end = (credential: string) =>
    app.request(`/auth/delegations/${credential}`, { method: "DELETE", token: app.operatorToken() })
  return { ...app, ada, masks, mint, authorityOf, end }
})

const chains = 1_000
const parts = 4

describe("attenuation, against an oracle", () => {
  for (let part = 0; part < parts; part++) {
    it.effect(
      `of ${chains / parts} random chains: a link adds no right, order does not matter, revoking any link denies (${part + 1} of ${parts})`,
      () =>
        Effect.gen(function* () {
          const { authorityOf, ada, end, masks, mint } = yield* setup
          const { below, next, pick, shuffled } = random(1 + part)
          let refused = 0
          for (let count = 0; count < chains / parts; count++) {
            const links: Array<Link> = []
            const minted: Array<MintedCredential> = []
            let authority = Authority.identity(ada.id)
            let before = yield* masks(authority)
            const length = 1 + below(8)
            while (links.length < length) {
              const nodes = next() < 0.3 ? undefined : Array.from({ length: 1 + below(3) }, () => pick(oracle.paths))
              const link: Link = { nodes, perms: next() < 0.3 ? undefined : below(16) | (next() < 0.7 ? 1 : 0) }
              const made = yield* Effect.result(mint(authority, link))
              // What the one who mints may not READ cannot be named.
              const visible = (nodes ?? []).every((path) => (oracle.mask(path, links) & 1) !== 0)
              expect(Result.isSuccess(made)).toBe(visible)
              if (Result.isFailure(made)) {
                expect(made.failure instanceof PorticoError && made.failure.code).toBe("NOT_FOUND")
                refused++
                continue
              }
              links.push(link)
              minted.push(made.success)
              authority = yield* authorityOf(made.success.credential)
              const now = yield* masks(authority)
              expect(now).toEqual(oracle.paths.map((path) => oracle.mask(path, links)))
              expect(now.map((mask, at) => mask & ~(before[at] ?? 0))).toEqual(oracle.paths.map(() => 0))
              before = now
            }
            const [half] = authority.halves
            const bounds: ReadonlyArray<Bound> = shuffled(half?.bounds ?? [])
            expect(yield* masks(Authority.fromCaller({ ...ada, scope: { bounds } }))).toEqual(before)
            if (minted.length > 0) {
              const ended = below(minted.length)
              expect((yield* end(minted[ended]?.id ?? "")).status).toBe(204)
              for (const [at, { credential }] of minted.entries()) {
                expect(Result.isSuccess(yield* Effect.result(authorityOf(credential)))).toBe(at < ended)
              }
            }
            yield* TestClock.adjust("2 minutes")
          }
          // The generator makes both kinds, or the test says less than it seems to.
          expect(refused).toBeGreaterThan(50)
        }),
      120_000
    )
  }
})
