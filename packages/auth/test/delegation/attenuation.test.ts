import { describe, expect, it } from "@effect/vitest"
import { Authority, type Bound } from "@portico/kernel"
import { K, PorticoError } from "@portico/schema"
import { Clock, Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn } from "../support/start.ts"
import type { MintedCredential } from "./world.ts"

/** The root's grants, of its own and of a group that it is in. */
const allGrants: Readonly<Record<string, number>> = {
  "/a": 7,
  "/a/b/c": 8,
  "/f": 1,
  "/f/g": 6,
  "/f/g/h": 8,
  "/j/k": 15
}

/** The sentences of the specification, followed one by one over plain data. */
const node = "/kernel.portico.dev/interface.Node"
const identity = "/kernel.portico.dev/interface.Identity"
const oracle = {
  paths: ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/e", "/f", "/f/g", "/f/g/h", "/f/i", "/j", "/j/k", "/l"],
  granted: allGrants,
  isUnder: (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`),
  standing: (path: string, granted = allGrants): number => {
    // The kernel's own schema is everybody's to see.
    let mask = oracle.isUnder(path, "/kernel.portico.dev") ? 1 : 0
    for (const [on, bits] of Object.entries(granted)) if (oracle.isUnder(path, on)) mask |= bits
    return mask
  },
  mask: (path: string, links: ReadonlyArray<Link>, granted = allGrants): number => {
    let mask = oracle.standing(path, granted)
    for (const { nodes, perms } of links) {
      const inside = nodes === undefined || nodes.some((top) => oracle.isUnder(path, top))
      mask = inside ? mask & (perms ?? 7) : 0
    }
    return mask
  },
  mayCall: (callable: string, links: ReadonlyArray<Link>): boolean =>
    links.every(({ functions }) => functions === undefined || functions.some((top) => oracle.isUnder(callable, top))),
  /** When the last of them ends, in milliseconds. */
  end: (links: ReadonlyArray<Link>, now: number): number => now + 1_000 * Math.min(...links.map(({ ttl }) => ttl))
}

interface Link {
  readonly nodes: ReadonlyArray<string> | undefined
  readonly perms: number | undefined
  readonly functions: ReadonlyArray<string> | undefined
  /** Seconds. */
  readonly ttl: number
}

const operations = ["get", "listChildren", "countChildren"] as const
const callables = [node, identity, ...operations.map((name) => `${node}/${name}`)]

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

  const mint = (authority: Authority, { ttl, ...wish }: Link) => {
    const scope = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
    const request = { path: `${path}::mintDelegationCredential`, params: { scope, ttl } }
    return Effect.map(app.kernel.call(authority, request), ({ result }) => result as MintedCredential)
  }

  const authorityOf = (credential: string) => Effect.map(app.auth.verify(credential), Authority.fromCaller)
  const ada = { id, kind: "User", name: "ada", operator: false, credential: { kind: "test" } }
  const end = (credential: string) =>
    app.request(`/auth/delegations/${credential}`, { method: "DELETE", token: app.operatorToken() })
  /** Whether a call is let through. */
  const calls = (authority: Authority, path: string) =>
    Effect.map(Effect.result(app.kernel.call(authority, { path })), Result.isSuccess)
  /** Takes a grant away for as long as something is done. */
  const without = <A, E, R>(on: string, work: Effect.Effect<A, E, R>) => {
    const index = Object.keys(oracle.granted).indexOf(on)
    const change = (name: string) =>
      app.call(`${index % 2 === 0 ? path : "/identities/staff"}::${name}`, { node: on, perms: oracle.granted[on] })
    return Effect.andThen(change("revokePerm"), Effect.andThen(work, change("grantPerm")))
  }
  return { ...app, ada, masks, mint, authorityOf, end, calls, without }
})

// Each step is some ways to a server and back, and what is asked there is the same.
const chains = process.env.PORTICO_TEST_DATABASE === "postgres" ? 200 : 1_000
const parts = 4

describe("attenuation, against an oracle", () => {
  for (let part = 0; part < parts; part++) {
    it.effect(
      `of ${chains / parts} random chains: a link adds no right, call or time, order does not matter, revoking any link or grant denies (${part + 1} of ${parts})`,
      () =>
        Effect.gen(function* () {
          const { authorityOf, ada, calls, end, masks, mint, without } = yield* setup
          const { below, next, pick, shuffled } = random(1 + part)
          const seen = { refused: 0, uncallable: 0, unnamed: 0, bounded: 0 }
          for (let count = 0; count < chains / parts; count++) {
            const links: Array<Link> = []
            const minted: Array<MintedCredential> = []
            let authority = Authority.identity(ada.id)
            let before = yield* masks(authority)
            const length = 1 + below(8)
            const now = yield* Clock.currentTimeMillis
            while (links.length < length) {
              const nodes = next() < 0.3 ? undefined : Array.from({ length: 1 + below(3) }, () => pick(oracle.paths))
              const perms = next() < 0.3 ? undefined : below(16) | (next() < 0.7 ? 1 : 0)
              const some = Array.from({ length: 1 + below(3) }, () => pick(callables))
              const functions = next() < 0.6 ? undefined : next() < 0.8 ? [...some, identity] : some
              const link: Link = { nodes, perms, functions, ttl: 1 + below(60) }
              const made = yield* Effect.result(mint(authority, link))
              // What the one who mints may not READ cannot be named.
              const sees = (path: string) => (oracle.mask(path, links) & 1) !== 0
              const named = [...(nodes ?? []), ...(functions ?? [])].every(sees)
              const mayMint = oracle.mayCall(`${identity}/mintDelegationCredential`, links)
              expect([links, link, Result.isSuccess(made)]).toEqual([links, link, named && mayMint])
              if (Result.isFailure(made)) {
                const code = made.failure instanceof PorticoError && made.failure.code
                expect([links, code]).toEqual([links, mayMint ? "NOT_FOUND" : "PERMISSION_DENIED"])
                if (!mayMint) seen.uncallable++
                else if ((nodes ?? []).every(sees)) seen.unnamed++
                else seen.refused++
                if (!mayMint) break
                continue
              }
              if (functions !== undefined) seen.bounded++
              links.push(link)
              minted.push(made.success)
              authority = yield* authorityOf(made.success.credential)
              expect(made.success.expiresAt).toBe(oracle.end(links, now))
              const left = yield* masks(authority)
              expect(left).toEqual(oracle.paths.map((path) => oracle.mask(path, links)))
              expect(left.map((mask, at) => mask & ~(before[at] ?? 0))).toEqual(oracle.paths.map(() => 0))
              before = left
              const [path, name] = [pick(oracle.paths), pick(operations)]
              const allowed = (oracle.mask(path, links) & 1) !== 0 && oracle.mayCall(`${node}/${name}`, links)
              expect([links, path, name, yield* calls(authority, `${path}::${name}`)]).toEqual([
                links,
                path,
                name,
                allowed
              ])
            }
            const [half] = authority.halves
            const bounds: ReadonlyArray<Bound> = shuffled(half?.bounds ?? [])
            const reordered = Authority.fromCaller({ ...ada, scope: { bounds } })
            expect(yield* masks(reordered)).toEqual(before)
            const [at, name] = [pick(oracle.paths), pick(operations)]
            expect(yield* calls(reordered, `${at}::${name}`)).toBe(yield* calls(authority, `${at}::${name}`))
            if (next() < 0.2) {
              const on = pick(Object.keys(oracle.granted))
              const { [on]: _, ...rest } = oracle.granted
              const fewer = oracle.paths.map((path) => oracle.mask(path, links, rest))
              yield* without(
                on,
                Effect.map(masks(authority), (left) => expect([on, left]).toEqual([on, fewer]))
              )
              expect(yield* masks(authority)).toEqual(before)
            }
            if (minted.length > 0) {
              const ended = below(minted.length)
              expect((yield* end(minted[ended]?.id ?? "")).status).toBe(204)
              const later = below(60)
              for (const passed of [0, later]) {
                yield* TestClock.adjust(passed * 1_000)
                for (const [at, { credential, expiresAt }] of minted.entries()) {
                  const good = at < ended && expiresAt > now + passed * 1_000
                  expect(Result.isSuccess(yield* Effect.result(authorityOf(credential)))).toBe(good)
                }
              }
            }
            yield* TestClock.adjust("2 minutes")
          }
          // The generator makes all kinds, or the test says less than it seems to.
          for (const [kind, count] of Object.entries(seen)) expect([kind, count > chains / 200]).toEqual([kind, true])
        }),
      120_000
    )
  }
})
