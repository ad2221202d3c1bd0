// What it costs to say who calls, once a credential was verified, as a ratio to hashing it and looking it up in a Map.
// Run: node packages/auth/bench/verify.bench.ts
import { Kernel } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import { jwtVerify } from "jose"
import { median, report } from "../../gate/bench/report.ts"
import { makeAccessTokens } from "../src/internal/accessTokens.ts"
import { makeAuthenticator } from "../src/internal/authenticator.ts"
import { generateKeys } from "../src/internal/keys/signingKeys.ts"
import { fingerprint } from "../src/internal/secrets.ts"
import { cookieRules } from "../src/internal/sessions/sessionCookie.ts"
import { makeCache, makeVerifier } from "../src/internal/verifier.ts"

const rounds = 500_000

const kernel = Kernel.of({
  call: () => Effect.succeed({ result: { members: [] }, seq: 1 }),
  change: () => Effect.die("not needed"),
  describe: () => Effect.die("not needed"),
  resolve: () => Effect.die("not needed"),
  node: () =>
    Effect.succeedSome({
      id: "i",
      path: "/i",
      slug: "i",
      class: "o:class.User",
      props: {},
      rev: 1,
      createdAt: 0,
      updatedAt: 0
    }),
  mask: () => Effect.succeed(15),
  seq: Effect.sync(() => 1)
})

const microseconds = (times: number, begin: number): number => ((performance.now() - begin) / times) * 1_000

const program = Effect.gen(function* () {
  const issuer = "http://localhost:4000"
  const keys = yield* generateKeys
  const tokens = makeAccessTokens({ issuer, lifetime: 900, keys })
  const { token } = yield* tokens.issue({ identity: "i" })
  const authenticator = makeAuthenticator({
    cookie: cookieRules(issuer),
    issuer,
    proofs: { verify: () => Effect.die("not needed") },
    origins: { publicOrigin: issuer, allowed: new Set() },
    onRefusal: () => {},
    views: { authenticate: () => Effect.die(new Error("no view token was shown")) },
    delegations: { authenticate: () => Effect.die(new Error("no delegation was shown")) },
    verifier: makeVerifier({
      kernel,
      tokens,
      keys: { verify: () => Effect.fail("none") },
      callers: {
        at: ({ credential }) => Effect.succeedSome({ id: "i", kind: "User", name: "i", operator: false, credential })
      },
      audit: { writeRefusal: () => Effect.void },
      refusals: { reasonNot: () => undefined, count: () => Effect.void },
      isPrivileged: () => false,
      isShared: false,
      cache: makeCache(10_000),
      clock: yield* Clock.Clock,
      sessions: { verify: () => Effect.fail("none") },
      revocations: { learn: Effect.void, reasonAgainst: () => undefined }
    })
  })
  const authorization = `Bearer ${token}`
  const request = HttpServerRequest.fromWeb(new Request(issuer, { headers: { authorization } }))
  const authenticate = authenticator.authenticate(request)
  if (Option.isNone(yield* authenticate)) return yield* Effect.die(new Error("not authenticated"))

  const known = new Map([[fingerprint(token), 1]])
  const floors: Array<number> = []
  const laps: Array<number> = []
  for (let lap = 0; lap < 3; lap++) {
    let begin = performance.now()
    for (let i = 0; i < rounds; i++) known.get(fingerprint(token))
    floors.push(microseconds(rounds, begin))
    begin = performance.now()
    let left = rounds
    yield* Effect.whileLoop({
      while: () => left-- > 0,
      body: () => authenticator.authenticate(request),
      step: () => {}
    })
    laps.push(microseconds(rounds, begin))
  }
  const [floor, ours] = [median(floors), median(laps)]
  const key = keys.verifying.get(keys.active.kid)?.key
  if (key === undefined) return yield* Effect.die(new Error("no key"))
  const plain = { algorithms: ["EdDSA"], typ: "at+jwt", issuer, audience: issuer, clockTolerance: 60 }
  const ratios: Array<number> = []
  let first = 0
  for (let lap = 0; lap < 15; lap++) {
    const begin = performance.now()
    for (let i = 0; i < 500; i++) yield* Effect.promise(() => jwtVerify(token, key, plain))
    const jose = microseconds(500, begin)
    const again = performance.now()
    for (let i = 0; i < 500; i++) yield* tokens.verify(token)
    first = microseconds(500, again)
    ratios.push(first / jose)
  }
  const ratio = median(ratios)
  report([
    {
      what: "a credential that was seen before, median of three laps",
      measured: `${ours.toFixed(2)} µs, ${(ours / floor).toFixed(1)} × a hash and a look-up (${floor.toFixed(2)} µs)`,
      budget: "< 5 µs",
      ok: ours < 5
    },
    {
      what: "an access token that was not, to jose alone, median of 15 in turn",
      measured: `${ratio.toFixed(2)} ×, ${first.toFixed(0)} µs`,
      budget: "≤ 1.10 ×",
      ok: ratio <= 1.1
    }
  ])
})

Effect.runPromise(program)
