import { randomBytes } from "node:crypto"
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { KeyStore, type KeyStoreService } from "@portico/gate/contracts"
import { GatewayTest, keyStoreContract } from "@portico/gate/testing"
import { FileKeyStore, FileKeyStoreModule, type MasterKey } from "@portico/gate-adapters/keys"
import { Effect, Layer, Option, Redacted } from "effect"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"

const newKey = (): string => randomBytes(32).toString("base64")

const words = "correct horse battery staple"

const master: MasterKey = { _tag: "Key", key: Redacted.make(newKey()) }

const inSealedFiles = Layer.unwrap(
  Effect.map(temporaryFolder, (folder) => FileKeyStore.layer({ folder: join(folder, "keys"), master }))
).pipe(Layer.provide(NodeServices.layer))

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [FileKeyStoreModule] })

const start = (dataDir: string, settings: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const gateway = yield* GatewayTest.make(product, { config: { "gate.dataDir": dataDir, ...settings } })
    return { gateway, keys: yield* gateway.get(KeyStore), warnings: () => warningsOf(gateway.log) }
  })

const warningsOf = (log: ReadonlyArray<{ readonly level: string; readonly message: string }>) =>
  log.filter(({ level }) => level === "Warn").map(({ message }) => message)

const read = (keys: KeyStoreService, name: string) =>
  Effect.map(keys.get(name), (found) => Option.getOrUndefined(Option.map(found, Redacted.value)))

/** Everything in a folder: names and contents. */
const contentsOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]))

describe("a KeyStore in encrypted files", () => {
  for (const { check, name } of keyStoreContract(inSealedFiles)) it.effect(name, () => check)

  // By the real clock: a passphrase takes its time to become a key, and the test clock would warn of that.
  it.live.each([{ "keys.masterKey": newKey() }, { "keys.passphrase": words }])(
    "shows nothing of a secret on the disk, and gives it to the next process that has the key",
    (settings) =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        const { keys, warnings } = yield* start(dataDir, settings)
        yield* keys.put("mail.password", Redacted.make("s3cr3t"))
        yield* keys.put("other", Redacted.make("s3cr3t"))
        const files = contentsOf(join(dataDir, "keys"))
        expect(Object.keys(files).sort()).toEqual(["@vault", "mail.password@sealed", "other@sealed"])
        expect(JSON.stringify(files)).not.toContain("s3cr3t")
        expect(files["mail.password@sealed"]).not.toBe(files["other@sealed"])
        expect(statSync(join(dataDir, "keys", "other@sealed")).mode & 0o777).toBe(0o600)
        const next = yield* start(dataDir, settings)
        expect(yield* read(next.keys, "mail.password")).toBe("s3cr3t")
        expect(yield* next.keys.list).toEqual(["mail.password", "other"])
        expect(warnings()).toEqual([])
      })
  )

  it.effect("encrypts what was there in plain when it is first given a key, and leaves nothing of it", () =>
    Effect.gen(function* () {
      const dataDir = yield* temporaryFolder
      const folder = join(dataDir, "keys")
      const before = yield* start(dataDir, {})
      yield* before.keys.put("one", Redacted.make("first s3cr3t"))
      yield* before.keys.put("two", Redacted.make("second s3cr3t"))
      const { gateway, keys } = yield* start(dataDir, { "keys.masterKey": newKey() })
      expect(JSON.stringify(contentsOf(folder))).not.toContain("s3cr3t")
      expect(readdirSync(folder).sort()).toEqual(["@vault", "one@sealed", "two@sealed"])
      expect(yield* read(keys, "one")).toBe("first s3cr3t")
      expect(yield* read(keys, "two")).toBe("second s3cr3t")
      expect(gateway.log.map(({ message }) => message)).toContain(
        `2 secrets in ${folder} were not encrypted, and are now.`
      )
    })
  )

  it.effect("goes on with an encryption that a crash has cut off between any two steps", () =>
    Effect.gen(function* () {
      const dataDir = yield* temporaryFolder
      const folder = join(dataDir, "keys")
      const settings = { "keys.masterKey": newKey() }
      const { keys } = yield* start(dataDir, settings)
      yield* keys.put("both", Redacted.make("the same"))
      // The sealed file was written and the plain one not removed; another one was not begun with.
      writeFileSync(join(folder, "both"), "the same", { mode: 0o600 })
      writeFileSync(join(folder, "left"), "not yet", { mode: 0o600 })
      writeFileSync(join(folder, ".draft"), "half of it", { mode: 0o600 })
      const next = yield* start(dataDir, settings)
      expect(yield* read(next.keys, "both")).toBe("the same")
      expect(yield* read(next.keys, "left")).toBe("not yet")
      expect(yield* next.keys.list).toEqual(["both", "left"])
      expect(readdirSync(folder)).not.toContain("both")
      expect(readdirSync(folder)).not.toContain("left")
    })
  )

  describe("does not start, and writes nothing,", () => {
    const key = newKey()
    it.effect.each([
      ["with another key", { "keys.masterKey": key }, { "keys.masterKey": newKey() }, "another key"],
      [
        "with another passphrase",
        { "keys.passphrase": words },
        { "keys.passphrase": `${words}!` },
        "another passphrase"
      ],
      ["with a passphrase for a key", { "keys.masterKey": key }, { "keys.passphrase": words }, "another key"],
      ["with a key for a passphrase", { "keys.passphrase": words }, { "keys.masterKey": key }, "another passphrase"],
      ["without the key", { "keys.masterKey": key }, {}, "master key is not set"],
      ["without the passphrase", { "keys.passphrase": words }, {}, "master passphrase is not set"],
      ["with both", { "keys.masterKey": key }, { "keys.masterKey": key, "keys.passphrase": words }, "Both"]
    ] as const)("%s", ([, first, second, said]) =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        const folder = join(dataDir, "keys")
        const { keys } = yield* start(dataDir, first)
        yield* keys.put("key", Redacted.make("s3cr3t"))
        // Would be encrypted, if the key were right.
        writeFileSync(join(folder, "plain"), "found", { mode: 0o600 })
        const before = contentsOf(folder)
        const error = String(yield* Effect.flip(start(dataDir, second)))
        expect(error).toContain(said)
        for (const secret of Object.values(second)) expect(error).not.toContain(secret)
        expect(contentsOf(folder)).toEqual(before)
      })
    )

    it.effect.each([
      ["is gone", (file: string) => rmSync(file)],
      ["was made by a later version", (file: string) => writeFileSync(file, JSON.stringify({ version: 2, proof: "" }))],
      ["is no JSON", (file: string) => writeFileSync(file, "")]
    ] as const)("where the file that says how secrets are encrypted %s", ([, spoil]) =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        const settings = { "keys.masterKey": newKey() }
        const { keys } = yield* start(dataDir, settings)
        yield* keys.put("key", Redacted.make("s3cr3t"))
        spoil(join(dataDir, "keys", "@vault"))
        const before = contentsOf(join(dataDir, "keys"))
        for (const again of [settings, {}])
          expect(String(yield* Effect.flip(start(dataDir, again)))).toContain("@vault")
        expect(contentsOf(join(dataDir, "keys"))).toEqual(before)
      })
    )

    it.effect.each(["", "abc", `${newKey()}A`, "not base64 at all! not base64 at all! 12345"])(
      "with %o as a key, which it does not repeat",
      (text) =>
        Effect.gen(function* () {
          const error = String(yield* Effect.flip(start(yield* temporaryFolder, { "keys.masterKey": text })))
          expect(error.replaceAll(/\s+/g, " ")).toContain("expected secret key of 32 bytes as base64")
          if (text !== "") expect(error).not.toContain(text)
        })
    )
  })

  it.effect(
    "says that a secret is damaged where its file was changed, or is another secret's, and reads the others",
    () =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        const folder = join(dataDir, "keys")
        const { keys } = yield* start(dataDir, { "keys.masterKey": newKey() })
        for (const name of ["one", "two", "three", "four"]) yield* keys.put(name, Redacted.make(`s3cr3t of ${name}`))
        const sealed = readFileSync(join(folder, "one@sealed"), "utf8")
        const middle = Math.floor(sealed.length / 2)
        writeFileSync(
          join(folder, "one@sealed"),
          sealed.slice(0, middle) + (sealed[middle] === "A" ? "B" : "A") + sealed.slice(middle + 1)
        )
        copyFileSync(join(folder, "three@sealed"), join(folder, "two@sealed"))
        writeFileSync(join(folder, "four@sealed"), sealed.slice(0, 20))
        for (const name of ["one", "two", "four"]) {
          const error = yield* Effect.flip(keys.get(name))
          expect(error).toMatchObject({ reason: "Damaged", code: "INTERNAL", status: 500 })
          expect(error.message).toContain(`"${name}"`)
        }
        expect(yield* read(keys, "three")).toBe("s3cr3t of three")
        yield* keys.put("one", Redacted.make("again"))
        expect(yield* read(keys, "one")).toBe("again")
      })
  )

  describe("without a key", () => {
    it.effect("says that secrets are in plain once there are any, and no more than once", () =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        const first = yield* start(dataDir, {})
        expect(first.warnings()).toEqual([])
        yield* first.keys.put("one", Redacted.make("s3cr3t"))
        yield* first.keys.put("two", Redacted.make("s3cr3t"))
        expect(first.warnings()).toEqual([expect.stringContaining("are not encrypted")])
        const next = yield* start(dataDir, {})
        yield* next.keys.put("three", Redacted.make("s3cr3t"))
        expect(next.warnings()).toEqual([expect.stringContaining("PORTICO_KEYS_MASTER_KEY")])
      })
    )

    it.effect("says nothing where there is nothing to be read", () =>
      Effect.gen(function* () {
        const dataDir = yield* temporaryFolder
        mkdirSync(join(dataDir, "keys"))
        const { keys, warnings } = yield* start(dataDir, {})
        expect(yield* keys.list).toEqual([])
        expect(warnings()).toEqual([])
      })
    )
  })
})
