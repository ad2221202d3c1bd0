import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import { GatewayTest, keyStoreContract } from "@portico/gate/testing"
import { FileKeyStore, FileKeyStoreModule } from "@portico/gate-adapters/keys"
import { Effect, Layer, Option, Redacted } from "effect"
import { temporaryFolder } from "../sqlite/temporaryFolder.ts"

const inFiles = Layer.unwrap(
  Effect.map(temporaryFolder, (folder) => FileKeyStore.layer({ folder: join(folder, "keys") }))
).pipe(Layer.provide(NodeServices.layer))

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [FileKeyStoreModule] })

/** A product's keys, and the folder that they are in. */
const started = Effect.gen(function* () {
  const dataDir = yield* temporaryFolder
  const gateway = yield* GatewayTest.make(product, { config: { "gate.dataDir": dataDir } })
  return { dataDir, folder: join(dataDir, "keys"), gateway, keys: yield* gateway.get(KeyStore) }
})

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe("a KeyStore in files", () => {
  for (const { check, name } of keyStoreContract(inFiles)) it.effect(name, () => check)

  it.effect("keeps each secret in the data folder in a file that only its owner may read", () =>
    Effect.gen(function* () {
      const { folder, keys } = yield* started
      expect(existsSync(folder)).toBe(false)
      yield* keys.put("mail.password", Redacted.make("abc"))
      expect(readdirSync(folder)).toEqual(["mail.password"])
      expect(readFileSync(join(folder, "mail.password"), "utf8")).toBe("abc")
      expect([modeOf(folder), modeOf(join(folder, "mail.password"))]).toEqual([0o700, 0o600])
    })
  )

  it.effect("is found again by the next process", () =>
    Effect.gen(function* () {
      const { dataDir, keys } = yield* started
      yield* keys.put("key", Redacted.make("abc"))
      const next = yield* GatewayTest.make(product, { config: { "gate.dataDir": dataDir } })
      const found = yield* Effect.flatMap(next.get(KeyStore), (again) => again.get("key"))
      expect(Redacted.value(Option.getOrThrow(found))).toBe("abc")
    })
  )

  it.effect("closes a file that others may read, and says so", () =>
    Effect.gen(function* () {
      const { folder, gateway, keys } = yield* started
      yield* keys.put("key", Redacted.make("abc"))
      chmodSync(join(folder, "key"), 0o644)
      yield* keys.get("key")
      expect(modeOf(join(folder, "key"))).toBe(0o600)
      expect(gateway.log.filter(({ level }) => level === "Warn").map(({ message }) => message)).toContainEqual(
        expect.stringContaining("could be read by others")
      )
    })
  )

  it.effect("leaves out of its list what is no secret of its own", () =>
    Effect.gen(function* () {
      const { folder, keys } = yield* started
      yield* keys.put("key", Redacted.make("abc"))
      writeFileSync(join(folder, ".draft"), "")
      writeFileSync(join(folder, "README"), "")
      expect(yield* keys.list).toEqual(["key"])
    })
  )

  it.effect("says that it is unavailable where its folder cannot be used, without the secret", () =>
    Effect.gen(function* () {
      const { dataDir, folder, keys } = yield* started
      mkdirSync(dataDir, { recursive: true })
      writeFileSync(folder, "in the way")
      const error = yield* Effect.flip(keys.put("key", Redacted.make("s3cr3t")))
      expect(error).toMatchObject({ reason: "Unavailable", code: "UNAVAILABLE", status: 503 })
      expect(error.message).toContain('"key"')
      expect(JSON.stringify(error)).not.toContain("s3cr3t")
    })
  )
})
