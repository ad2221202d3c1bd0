import { rmSync } from "node:fs"
import { PorticoSocket } from "@portico/client/socket"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

describe("the distro's runtime socket", () => {
  let gateway: Gateway
  let portico: PorticoSocket

  beforeAll(async () => {
    gateway = await spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" }).ready
    portico = await PorticoSocket.connect({ url: gateway.url, token: gateway.operatorToken })
  })

  afterAll(async () => {
    await portico.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  })

  it("answers kernel calls as it would over HTTP", async () => {
    expect(await portico.get("/identities")).toMatchObject({
      path: "/identities",
      class: "kernel.portico.dev:class.Folder"
    })
    expect(await portico.whoami()).toMatchObject({ path: "/identities/operator" })
    await expect(portico.get("/nowhere")).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(portico.call("not a path")).rejects.toMatchObject({ code: "INVALID_PATH" })
  })

  it("answers a hundred calls at once", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => portico.get("/")))
    expect(new Set(answers.map(({ path }) => path))).toEqual(new Set(["/"]))
  })

  it("tells operators the states of modules", async () => {
    const states = await Effect.runPromise(Stream.runHead(portico.states))
    expect(JSON.stringify(states)).toContain('"id":"kernel"')
  })

  /** Makes a folder; gives the number of the commit. */
  const write = async (slug: string): Promise<number> => {
    const made = await portico.call("/:kernel.portico.dev:interface.Node:createNode", {
      class: "kernel.portico.dev:class.Folder",
      path: `/${slug}`,
      props: {}
    })
    return Schema.decodeUnknownSync(Schema.Struct({ rev: Schema.Int }))(made).rev
  }

  const firstText = (items: Stream.Stream<unknown, unknown>, part: string) =>
    Effect.runPromise(
      Stream.runHead(
        Stream.filter(
          Stream.map(items, (item) => JSON.stringify(item)),
          (text) => text.includes(part)
        )
      )
    )

  it("tells watchers of changes, from any of them on", async () => {
    await write("changes-0")
    const commit = await write("changes-1")
    await write("changes-2")
    const [second] = await Effect.runPromise(
      Stream.runCollect(Stream.take(portico.changes({ since: `${commit}.0`, under: "/changes-2" }), 1))
    )
    expect(second).toMatchObject({ position: expect.stringMatching(/^\d+\.\d+$/), item: { seq: commit + 1 } })
    await write("changes-3")
    const text = await firstText(portico.changes(second === undefined ? {} : { since: second.position }), "/changes-")
    expect(Option.getOrThrow(text)).toContain("/changes-3")
  })

  it("gives the items of callables that stream, and says so where there are none", async () => {
    const path = "/:kernel.portico.dev:interface.Node:changes"
    const since = await write("streamed-0")
    await write("streamed-1")
    expect(Option.isSome(await firstText(portico.effect.stream(path, { since }), "/streamed-1"))).toBe(true)
    const value = Effect.runPromise(Stream.runDrain(portico.effect.stream("/::get")))
    await expect(value).rejects.toMatchObject({ code: "INVALID_PARAMS" })
    await expect(portico.call(path, {})).rejects.toMatchObject({ code: "INVALID_PARAMS" })
  })

  it("streams out of domains, and takes what is read beside itself", async () => {
    const ops = "/:crm.example.dev:interface.ContactOps"
    const input = Array.from({ length: 40 }, (_, n) => ({ email: `person-${n}@example.dev` }))
    expect(await portico.call(`${ops}:addContacts`, {}, { input })).toEqual({ created: 40, known: 0 })
    const seen: Array<unknown> = []
    for await (const entry of portico.stream(`${ops}:directory`)) seen.push(entry)
    expect(seen).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: "/contacts/person-39~40example.dev" })])
    )
    const wrong = portico.call(`${ops}:addContacts`, {}, { input: [{ email: "a@b.c" }, { email: 1 }] })
    await expect(wrong).rejects.toMatchObject({ code: "INVALID_PARAMS", details: { index: 1 } })
  })

  it("gives files in parts of a message, and takes them so", async () => {
    await write("exported-0")
    const file = await Effect.runPromise(Stream.mkString(Stream.decodeText(portico.export({ under: "/exported-0" }))))
    const lines = file.trim().split("\n")
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain('"path":"/exported-0"')
    const refused = Effect.runPromise(Stream.runDrain(portico.export({ under: "/nowhere" })))
    await expect(refused).rejects.toMatchObject({ code: "NOT_FOUND" })
    const path = "/:kernel.portico.dev:interface.Node:import"
    await expect(portico.call(path, {})).rejects.toMatchObject({ code: "INVALID_PARAMS" })

    const row = (n: number) =>
      JSON.stringify({
        class: "kernel.portico.dev:class.Folder",
        path: `/n${n}`,
        props: { description: "x".repeat(900) }
      })
    const rows = (count: number) => Array.from({ length: count }, (_, n) => `${row(n)}\n`).join("")
    async function* pieces() {
      yield new TextEncoder().encode(rows(400))
      yield new TextEncoder().encode(row(400))
    }
    // Longer than a message, and in one that is not ended by a line's end.
    const imported = await portico.import(pieces(), { under: "/exported-0" })
    expect(imported).toMatchObject({ rows: 401, nodes: { created: 401 }, failed: 0 })
    expect((await portico.listChildren("/exported-0", { limit: 1_000 })).nodes).toHaveLength(401)
    // What is refused is said before all of it was sent, and what breaks off gives the call up.
    const again = portico.import(rows(5_000), { under: "/exported-0" })
    await expect(again).rejects.toMatchObject({ code: "PATH_CONFLICT", details: { line: 1 } })
    async function* broken() {
      yield new TextEncoder().encode(row(7_000))
      throw new Error("no more")
    }
    await expect(portico.import(broken(), { under: "/exported-0" })).rejects.toMatchObject({ code: "INVALID_BODY" })
    await expect(portico.get("/exported-0/n7000")).rejects.toMatchObject({ code: "NOT_FOUND" })
    const signal = AbortSignal.abort()
    await expect(portico.import("{}", { signal })).rejects.toMatchObject({ code: "CANCELLED" })
    // The same connection goes on.
    expect((await portico.import(row(1), { dryRun: true, under: "/identities" })).dryRun).toBe(true)
  })

  it("refuses who is not known, with the instance's own words", async () => {
    const refused = PorticoSocket.connect({ url: gateway.url, token: "nobody's" })
    await expect(refused).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  })
})
