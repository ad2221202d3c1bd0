import { execFile } from "node:child_process"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"

const gate = fileURLToPath(new URL("../..", import.meta.url))
const workspace = join(gate, "../..")

const head = `
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import { Gateway, SocketRpcs } from ${JSON.stringify(join(gate, "src/index.ts"))}
import { SocketCall } from ${JSON.stringify(join(gate, "src/rpc.ts"))}
class Db extends Context.Service<Db, { readonly rows: number }>()("app/Db") {}
class Auth extends Context.Service<Auth, { readonly users: number }>()("app/Auth") {}
const db = Layer.succeed(Db, { rows: 1 })
const auth = Layer.effect(Auth, Effect.map(Db, ({ rows }) => ({ users: rows })))
const DbModule = Gateway.module.define({ id: "db", displayName: "Db", provides: [Db], layer: db })
const AuthModule = Gateway.module.define({ id: "auth", displayName: "Auth", requires: [Db], provides: [Auth], layer: auth })
const names = Gateway.extensionPoint<number>("app.numbers")
const identity = { id: "p", name: "P" }
const count = Rpc.make("crm.count")
const plain = RpcGroup.make(count)
const marked = plain.middleware(SocketCall)
const counted = Layer.mergeAll(marked.toLayer({ "crm.count": () => Effect.void }))
const needy = marked.toLayer({ "crm.count": () => Effect.asVoid(Db) })
void [plain, marked, counted, needy, SocketRpcs, DbModule, AuthModule, names, identity]
`

/** What a user writes, and the sentence that the compiler answers with. */
const refused = {
  missing: [
    `Gateway.make({ identity, modules: [AuthModule] })`,
    'module "auth" needs app/Db, which no module of this product provides'
  ],
  otherNamespace: [`SocketRpcs.of("notes", marked, counted)`, 'call "crm.count" is not in namespace "notes"'],
  unmarked: [`SocketRpcs.of("crm", plain, counted)`, "the group lacks .middleware(SocketCall)"],
  needyCalls: [
    `Gateway.module.define({ id: "crm", displayName: "Crm", contributes: [SocketRpcs.of("crm", marked, needy)] })`,
    'a contribution of module "crm" needs app/Db, which is not in its requires'
  ],
  twice: [
    `Gateway.make({ identity, modules: [DbModule, AuthModule, DbModule] })`,
    'module "db" provides app/Db, which an earlier module of this product provides already'
  ],
  notRequired: [
    `Gateway.module.define({ id: "auth", displayName: "Auth", provides: [Auth], layer: auth })`,
    'layer of module "auth" needs app/Db, which is not in its requires'
  ],
  itself: [
    `Gateway.module.define({ id: "db", displayName: "Db", provides: [Db], layer: Layer.effect(Db, Effect.map(Db, (db) => db)) })`,
    'layer of module "db" needs app/Db, which is not in its requires'
  ],
  onlyOptional: [
    `Gateway.module.define({ id: "auth", displayName: "Auth", requires: [Gateway.optional(Db)], provides: [Auth], layer: auth })`,
    'layer of module "auth" needs app/Db, which is only optional: read it with Effect.serviceOption'
  ],
  unneeded: [
    `Gateway.module.define({ id: "db", displayName: "Db", requires: [Auth], provides: [Db], layer: db })`,
    'module "db" requires app/Auth, which nothing in it needs'
  ],
  notGiven: [
    `Gateway.module.define({ id: "db", displayName: "Db", provides: [Db, Auth], layer: db })`,
    'layer of module "db" does not give app/Auth, which is in its provides'
  ],
  notProvided: [
    `Gateway.module.define({ id: "db", displayName: "Db", layer: db })`,
    'layer of module "db" gives app/Db, which is not in its provides'
  ],
  noLayer: [
    `Gateway.module.define({ id: "db", displayName: "Db", provides: [Db] })`,
    'module "db" provides app/Db, but has no layer'
  ],
  route: [
    `Gateway.module.define({ id: "x", displayName: "X", routes: [{ id: "r", scope: "public", mountPath: "/x", handle: Effect.andThen(Db, Effect.never) }] })`,
    'a route of module "x" needs app/Db, which is not in its requires'
  ],
  contribution: [
    `Gateway.module.define({ id: "x", displayName: "X", contributes: [names.effect(Effect.map(Db, ({ rows }) => rows))] })`,
    'a contribution of module "x" needs app/Db, which is not in its requires'
  ],
  unknownPart: [
    `Gateway.module.define({ id: "x", displayName: "X", contributs: [] })`,
    'a module definition has no "contributs"'
  ]
} as const satisfies Readonly<Record<string, readonly [source: string, sentence: string]>>

/** As many modules as a large product has, each needing the one before. */
const large = Array.from(
  { length: 60 },
  (_, i) => `
class S${i} extends Context.Service<S${i}, { readonly n${i}: number }>()("app/S${i}") {}
const M${i} = Gateway.module.define({ id: "m${i}", displayName: "M", ${i === 0 ? "" : `requires: [S${i - 1}], `}provides: [S${i}],
  layer: Layer.effect(S${i}, Effect.as(${i === 0 ? "Effect.void" : `S${i - 1}`}, { n${i}: 1 })) })`
)
const modules = (from: number): string => Array.from({ length: 60 - from }, (_, i) => `M${i + from}`).join(", ")

describe("what the compiler says", () => {
  let folder = ""
  let output = ""

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gate-types-"))
    await symlink(join(gate, "node_modules"), join(folder, "node_modules"))
    const write = (name: string, source: string) => writeFile(join(folder, `${name}.ts`), `${head}${source}\n`)
    await Promise.all(Object.entries(refused).map(([name, [source]]) => write(name, source)))
    await write(
      "failedImport",
      `import { Lost } from "./lost.ts"\nGateway.make({ identity, modules: [Lost, AuthModule] })`
    )
    await write("wrongValue", `Gateway.module.define({ id: "x", displayName: "X", contributes: [names.of("three")] })`)
    await write(
      "wrongPart",
      `const Tool = Gateway.extensionPoint<{ readonly name: string }>("tools")
Gateway.module.define({ id: "x", displayName: "X", contributes: [Tool.effect(Effect.succeed({ nam: "search" }))] })`
    )
    await write("large", `${large.join("")}\nGateway.make({ identity, modules: [${modules(0)}] })`)
    await write("largeMissing", `${large.join("")}\nGateway.make({ identity, modules: [${modules(1)}] })`)
    await writeFile(join(folder, "package.json"), '{ "type": "module" }')
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(workspace, "tsconfig.base.json"),
        compilerOptions: { types: [], noUnusedLocals: false, rewriteRelativeImportExtensions: false },
        include: ["*.ts"]
      })
    )
    output = await new Promise((resolve) => {
      execFile(join(workspace, "node_modules/.bin/tsc"), ["--noEmit", "-p", folder], { cwd: folder }, (_, stdout) =>
        resolve(stdout.replaceAll('\\"', '"'))
      )
    })
  }, 60_000)

  afterAll(() => rm(folder, { recursive: true }))

  /** The compiler's words on one file. */
  const about = (name: string): string =>
    output
      .split(/^(?=\S)/m)
      .filter((text) => text.startsWith(`${name}.ts(`))
      .join("")

  it.each(Object.entries(refused))("%s: the sentence names what is wrong", (name, [, sentence]) => {
    expect(about(name)).toContain(`"${sentence}"`)
  })

  it("a value that an extension point does not take is refused where it is given", () => {
    expect(about("wrongValue")).toMatch(/Argument of type 'string' is not assignable to parameter of type 'number'/)
    expect(about("wrongPart")).toMatch(
      /'nam' does not exist in type '{ readonly name: string; }'|Property 'name' is missing/
    )
  })

  it("an import that failed is the only error that it causes", () => {
    expect(about("failedImport")).toMatch(/^failedImport\.ts\(\d+,\d+\): error TS2307: [^\n]*\n$/)
  })

  it("a product of sixty modules compiles", () => {
    expect(about("large")).toBe("")
  })

  it("a product of sixty modules that lacks one is refused at the module that needs it", () => {
    expect(about("largeMissing")).toContain('"module "m1" needs app/S0, which no module of this product provides"')
    expect(about("largeMissing")).not.toContain('module "m2"')
  })
})
