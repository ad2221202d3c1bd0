import { describe, expect, layer } from "@effect/vitest"
import type { DatabaseService } from "@portico/gate/database"
import { K } from "@portico/schema"
import { Context, Effect, Layer, Option } from "effect"
import { Jar, withProviders } from "./world.ts"

const password = "correct horse battery"
const csrfIn = (html: string): string => /name="csrf_token" value="([^"]+)"/.exec(html)?.[1] ?? ""

const corp = {
  provisioning: "create",
  identity: { path: "/identities/corp/{preferred_username|sub}", name: "{name}", description: "{email}" },
  groupsClaim: "realm.roles",
  groups: { staff: "/identities/staff", boss: "/identities/bosses", gone: "/identities/gone" },
  trust: { domains: ["Corp.example"] }
}
const linked = {}
const invited = { provisioning: "invite" }
const ada = {
  sub: "ada-1",
  name: "Ada Lovelace",
  preferred_username: "ada",
  email: "ada@corp.example",
  email_verified: true,
  sid: "one"
}

/** From then on no link can be written, until it is mended. */
const breakLinks = ({ dialect, sql }: DatabaseService) => {
  const [broken, mended] =
    dialect === "sqlite"
      ? [
          sql`CREATE TRIGGER fault BEFORE INSERT ON auth_links BEGIN SELECT RAISE(ABORT, 'fault'); END`,
          sql`DROP TRIGGER fault`
        ]
      : [
          sql`ALTER TABLE auth_links ADD CONSTRAINT fault CHECK (subject = '') NOT VALID`,
          sql`ALTER TABLE auth_links DROP CONSTRAINT fault`
        ]
  return Effect.as(Effect.orDie(broken), Effect.orDie(mended))
}

const makeWorld = Effect.gen(function* () {
  const made = yield* withProviders({ corp, linked, invited, leaving: { ...corp, signOut: true } })
  const { app, get, post } = made
  const internal = (method: string, path: string, json?: unknown) =>
    app.request(`/gateway/v1/internal/auth${path}`, {
      method,
      token: app.operatorToken(),
      ...(json === undefined ? {} : { json })
    })
  /** Somebody of ours, with a session in a browser. */
  const person = Effect.fnUntraced(function* (name: string) {
    const { id } = yield* app.user(name)
    yield* app.auth.setPassword(id, password)
    const jar = new Jar()
    yield* post(jar, "/auth/login", { identity: name, password })
    return { id, jar, csrf: csrfIn((yield* get(jar, "/auth/login")).text) }
  })
  const groupsOf = Effect.fnUntraced(function* (path: string) {
    const found: Array<string> = []
    for (const group of ["staff", "bosses"]) {
      const { members } = (yield* app.call(`/identities/${group}::listMembers`)) as unknown as {
        readonly members: ReadonlyArray<{ readonly path: string }>
      }
      if (members.some((member) => member.path === path)) found.push(group)
    }
    return found
  })
  return { ...made, internal, person, groupsOf }
})

class World extends Context.Service<World, Effect.Success<typeof makeWorld>>()("World") {}

// One instance for all of them: on a server each start takes seconds.
layer(Layer.effect(World, makeWorld), { excludeTestServices: true })((it) => {
  describe("an account at a provider", () => {
    it.effect("becomes an identity of its own, called and grouped as its claims say each time", () =>
      Effect.gen(function* () {
        const { app, groupsOf, signIn, who } = yield* World
        for (const [name, group] of [
          ["staff", K.Group.ref],
          ["bosses", K.Role.ref]
        ] as const) {
          yield* app.call(K.Node.createNode.path, { class: group, path: `/identities/${name}` })
        }
        const [jar, path] = [new Jar(), "/identities/corp/ada"]
        yield* signIn(jar, { claims: { ...ada, realm: { roles: ["staff", "boss", "gone", "constructor"] } } })
        expect(yield* who(jar)).toBe("Ada Lovelace")
        expect(yield* groupsOf(path)).toEqual(["staff", "bosses"])
        // The same person, whatever else has changed.
        const claims = { ...ada, name: "Ada King", preferred_username: "countess", email: "ada@corp.example" }
        yield* signIn(jar, { claims: { ...claims, realm: { roles: "boss" } } })
        expect(yield* who(jar)).toBe("Ada King")
        expect(yield* groupsOf(path)).toEqual(["bosses"])
        // What somebody was given otherwise stays.
        yield* app.call("/identities/staff::addMember", { member: path })
        yield* signIn(jar, { claims: { ...claims, realm: { roles: ["staff"] } } })
        yield* signIn(jar, { claims })
        expect(yield* groupsOf(path)).toEqual(["staff"])
        const [row] = yield* app.rows("SELECT details FROM auth_audit WHERE event = 'sign-in' ORDER BY id LIMIT 1")
        expect(JSON.parse(String(row?.details))).toMatchObject({
          with: "provider",
          provider: "corp",
          account: { subject: "ada-1", email: "ada@corp.example" },
          groups: { missing: ["/identities/gone"] }
        })
      })
    )

    it.effect("is made with its identity, or neither is: a fault between them leaves nothing in its way", () =>
      Effect.gen(function* () {
        const { app, internal, signIn, who } = yield* World
        const gus = { ...ada, sub: "gus-1", preferred_username: "gus", name: "Gus" }
        const faulty = <A, E, R>(work: Effect.Effect<A, E, R>) =>
          Effect.acquireUseRelease(
            breakLinks(app.database),
            () => work,
            (mend) => mend
          )
        const jar = new Jar()
        expect((yield* faulty(signIn(jar, { claims: gus }))).status).toBeGreaterThanOrEqual(500)
        expect(Option.isNone(yield* app.kernel.node("/identities/corp/gus"))).toBe(true)
        expect((yield* signIn(jar, { claims: gus })).status).toBe(303)
        expect(yield* who(jar)).toBe("Gus")
        // An invitation is not used up by it, either.
        yield* app.user("hal")
        const made = yield* internal("POST", "/invitations", { identity: "/identities/hal" })
        const params = `?invitation=${new URL((made.json as { url: string }).url).searchParams.get("code")}`
        const hal = { claims: { sub: "hal-1" } }
        expect((yield* faulty(signIn(new Jar(), hal, "invited", params))).status).toBeGreaterThanOrEqual(500)
        const there = new Jar()
        expect((yield* signIn(there, hal, "invited", params)).status).toBe(303)
        expect(yield* who(there)).toBe("hal")
      })
    )

    it.effect("is refused where its word is not enough, and where its identity was taken away", () =>
      Effect.gen(function* () {
        const { app, refusal, signIn, who } = yield* World
        const jar = new Jar()
        const refusals: ReadonlyArray<readonly [Readonly<Record<string, unknown>>, string]> = [
          [{ email_verified: false }, "its email address is not verified"],
          [{ email_verified: undefined }, "its email address is not verified"],
          [{ email: "ada@corp.example.evil.example" }, "its email address is of another domain"],
          [{ email: "ada@corp.example@evil.example" }, "its email address is of another domain"]
        ]
        for (const [claims, reason] of refusals) {
          expect((yield* signIn(jar, { claims: { ...ada, ...claims } })).status).toBe(403)
          expect(yield* refusal).toMatchObject({ step: "trust", reason, account: { subject: "ada-1" } })
        }
        const fay = { ...ada, sub: "fay-1", preferred_username: "fay", name: "Fay" }
        yield* signIn(jar, { claims: fay })
        expect(yield* who(jar)).toBe("Fay")
        yield* app.call("/identities/corp/fay::delete")
        expect((yield* signIn(new Jar(), { claims: fay })).status).toBe(403)
        expect((yield* refusal).reason).toBe("its identity was taken away")
      })
    )

    it.effect("is linked by whoever is signed in, to themselves and only there", () =>
      Effect.gen(function* () {
        const { app, comeBack, get, person, post, provider, signIn, who } = yield* World
        const [bob, eve] = [yield* person("bob"), yield* person("eve")]
        const start = (jar: Jar, csrf: string) => post(jar, "/auth/providers/linked/link", { csrf_token: csrf })
        const next = (refresh = "") => refresh.replace("0; url=", "")
        expect((yield* start(bob.jar, "x")).status).toBe(403)
        expect((yield* start(new Jar(), "")).headers.location).toContain("/auth/login")
        const way = next((yield* start(bob.jar, bob.csrf)).headers.refresh)
        const hers = next((yield* start(eve.jar, eve.csrf)).headers.refresh)
        const claims = { sub: "bob-at-linked", email: "bob@linked.example" }
        // What Eve began does not end in Bob's browser, nor the other way round.
        expect((yield* comeBack(bob.jar, { ...provider.authorize(hers, { claims }) }, "linked")).status).toBe(403)
        expect((yield* comeBack(bob.jar, { ...provider.authorize(way, { claims }) }, "linked")).status).toBe(303)
        expect((yield* get(bob.jar, "/auth/login")).text).toContain("bob@linked.example")
        const jar = new Jar()
        yield* signIn(jar, { claims }, "linked")
        expect(yield* who(jar)).toBe("bob")
        // Eve cannot take it over, and nobody else gets in.
        const again = next((yield* start(eve.jar, eve.csrf)).headers.refresh)
        expect((yield* comeBack(eve.jar, { ...provider.authorize(again, { claims }) }, "linked")).status).toBe(403)
        const other = { claims: { sub: "other", email: "bob@linked.example", email_verified: true } }
        expect((yield* signIn(new Jar(), other, "linked")).status).toBe(403)
        const { links } = (yield* get(bob.jar, "/auth/links")).json as {
          links: ReadonlyArray<{ id: string; subject: string }>
        }
        expect(links).toMatchObject([{ provider: "linked", subject: "bob-at-linked" }])
        // Unlinked, it is nobody's, and the session that it began is over.
        const form = { csrf_token: bob.csrf, id: links[0]?.id ?? "" }
        expect((yield* post(eve.jar, "/auth/links/remove", { ...form, csrf_token: eve.csrf })).status).toBe(404)
        expect((yield* post(bob.jar, "/auth/links/remove", form)).status).toBe(303)
        expect(yield* who(bob.jar)).toBe("bob")
        expect((yield* get(jar, "/who")).status).toBe(401)
        expect((yield* signIn(new Jar(), { claims }, "linked")).status).toBe(403)
        const told = yield* app.rows(
          `SELECT event FROM auth_audit WHERE event LIKE 'provider.%' AND identity = '${bob.id}' ORDER BY id`
        )
        expect(told).toEqual([{ event: "provider.linked" }, { event: "provider.unlinked" }])
      })
    )

    it.effect("is linked by a program in somebody's browser as well", () =>
      Effect.gen(function* () {
        const { app, comeBack, get, person, provider } = yield* World
        const { csrf, jar } = yield* person("gus")
        const start = (headers: Readonly<Record<string, string>>, id = "linked") =>
          Effect.tap(
            app.request(`/auth/providers/${id}/link`, { json: { returnTo: "/console/" }, headers }),
            (answer) => Effect.sync(() => jar.keep(answer))
          )
        expect((yield* start({})).status).toBe(401)
        expect((yield* start(jar.header)).status).toBe(403)
        const shown = { ...jar.header, "x-csrf-token": csrf }
        expect((yield* start({ ...shown, origin: "https://evil.example" })).status).toBe(403)
        expect((yield* start(shown, "nobody")).status).toBe(404)
        const { url } = (yield* start(shown)).json as { url: string }
        const back = yield* comeBack(jar, { ...provider.authorize(url, { claims: { sub: "gus-there" } }) }, "linked")
        expect([back.status, back.headers.location]).toEqual([303, "/console/"])
        expect((yield* get(jar, "/auth/links")).json).toMatchObject({ links: [{ subject: "gus-there" }] })
      })
    )

    it.effect("is linked by an invitation, once, or by an operator", () =>
      Effect.gen(function* () {
        const { app, get, internal, signIn, who } = yield* World
        yield* app.user("carol")
        const made = yield* internal("POST", "/invitations", { identity: "/identities/carol", provider: "invited" })
        const { id: invitation } = made.json as { id: string }
        const spare = (yield* internal("POST", "/invitations", { identity: "/identities/carol" })).json as {
          id: string
        }
        const open = Effect.map(
          internal("GET", "/invitations"),
          ({ json }) => (json as { invitations: ReadonlyArray<{ id: string }> }).invitations
        )
        expect(yield* open).toMatchObject([
          { id: invitation, provider: "invited" },
          { id: spare.id, provider: null }
        ])
        expect(JSON.stringify(yield* open)).not.toContain("code")
        expect((yield* internal("DELETE", `/invitations/${spare.id}`)).status).toBe(204)
        expect((yield* internal("DELETE", `/invitations/${spare.id}`)).status).toBe(404)
        const code = new URL((made.json as { url: string }).url).searchParams.get("code") ?? ""
        const page = yield* get(new Jar(), `/auth/invitation?code=${code}`)
        expect(page.text).toContain("You are to be <b>carol</b>")
        expect(page.text).not.toContain("providers/corp")
        const [jar, params] = [new Jar(), `?invitation=${code}`]
        // Without one nobody is let in, with one at the wrong provider neither.
        expect((yield* signIn(jar, { claims: { sub: "carol" } }, "invited")).status).toBe(403)
        expect((yield* signIn(jar, { claims: { sub: "carol" } }, "linked", params)).status).toBe(403)
        expect((yield* signIn(jar, { claims: { sub: "carol" } }, "invited", params)).status).toBe(303)
        expect(yield* who(jar)).toBe("carol")
        expect((yield* signIn(new Jar(), { claims: { sub: "eve" } }, "invited", params)).status).toBe(403)
        expect((yield* get(new Jar(), `/auth/invitation?code=${code}`)).status).toBe(403)
        expect(yield* open).toEqual([])
        expect((yield* internal("DELETE", `/invitations/${invitation}`)).status).toBe(404)

        const link = { provider: "linked", subject: "carol-too", identity: "/identities/carol" }
        const put = yield* internal("POST", "/links", link)
        expect(put.status).toBe(201)
        expect((yield* internal("POST", "/links", link)).status).toBe(400)
        const there = new Jar()
        yield* signIn(there, { claims: { sub: "carol-too" } }, "linked")
        expect(yield* who(there)).toBe("carol")
        const { id } = put.json as { id: string }
        expect((yield* internal("DELETE", `/links/${id}`)).status).toBe(204)
        expect((yield* get(there, "/who")).status).toBe(401)
        const left = (yield* internal("GET", "/links")).json as { links: ReadonlyArray<{ subject: string }> }
        expect(left.links.map(({ subject }) => subject).filter((one) => one.startsWith("carol"))).toEqual(["carol"])
        // The only way in is not unlinked by oneself.
        const { links } = (yield* get(jar, "/auth/links")).json as { links: ReadonlyArray<{ id: string }> }
        const csrf = csrfIn((yield* get(jar, "/auth/login")).text)
        const headers = { ...jar.header, "x-csrf-token": csrf }
        expect(yield* app.status(`/auth/links/${links[0]?.id}`, { method: "DELETE", headers })).toBe(400)
      })
    )
  })

  describe("a session that a provider began", () => {
    it.effect("ends where the provider says so, for that session or that person, once (back-channel logout)", () =>
      Effect.gen(function* () {
        const { app, post, provider, signIn, who } = yield* World
        const now = Math.floor(Date.now() / 1_000)
        const events = { "http://schemas.openid.net/event/backchannel-logout": {} }
        const usual = { iss: provider.issuer, aud: "portico", iat: now, exp: now + 60, events }
        const say = Effect.fnUntraced(function* (claims: Record<string, unknown>, typ = "logout+jwt") {
          const token = yield* Effect.promise(() => provider.sign({ ...usual, ...claims }, { header: { typ } }))
          return (yield* post(new Jar(), "/auth/providers/corp/logout", { logout_token: token })).status
        })
        const [one, two, other] = [new Jar(), new Jar(), new Jar()]
        yield* signIn(one, { claims: ada })
        yield* signIn(two, { claims: { ...ada, sid: "two" } })
        yield* signIn(other, { claims: { ...ada, sub: "bob-1", preferred_username: "bob", name: "Bob" } })
        const bad = [
          { jti: "a", sub: "ada-1", nonce: "x" },
          { jti: "b" },
          { sub: "ada-1" },
          { jti: "c", sub: "ada-1", events: {} },
          { jti: "d", sub: "ada-1", aud: "another" },
          { jti: "e", sub: "ada-1", iss: "https://evil.example" }
        ]
        for (const claims of bad) expect(yield* say(claims)).toBe(400)
        expect(yield* say({ jti: "f", sub: "ada-1" }, "at+jwt")).toBe(400)
        for (const jar of [one, two, other]) expect(yield* who(jar)).toBeDefined()
        expect(yield* say({ jti: "g", sid: "two" })).toBe(200)
        expect(yield* who(one)).toBe("Ada Lovelace")
        expect(yield* app.status("/who", { headers: two.header })).toBe(401)
        expect(yield* say({ jti: "g", sid: "two" })).toBe(400)
        expect(yield* say({ jti: "h", sub: "ada-1" })).toBe(200)
        expect(yield* app.status("/who", { headers: one.header })).toBe(401)
        expect(yield* who(other)).toBe("Bob")
      })
    )

    it.effect("ends there as well where that is wanted", () =>
      Effect.gen(function* () {
        const { get, post, provider, signIn } = yield* World
        const jar = new Jar()
        yield* signIn(jar, { claims: { ...ada, sub: "dora-1", preferred_username: "dora" } }, "leaving")
        const csrf_token = csrfIn((yield* get(jar, "/auth/login")).text)
        const answer = yield* post(jar, "/auth/logout", { csrf_token })
        const there = new URL((answer.headers.refresh ?? "").replace("0; url=", ""))
        expect(`${there.origin}${there.pathname}`).toBe(`${provider.issuer}/end`)
        expect(Object.fromEntries(there.searchParams)).toEqual({
          client_id: "portico",
          post_logout_redirect_uri: "http://localhost/auth/login"
        })
        expect((yield* get(jar, "/who")).status).toBe(401)
      })
    )
  })
})
