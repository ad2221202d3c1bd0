import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Result } from "effect"
import { compactVerify, decodeProtectedHeader } from "jose"
import { describe, expect, it } from "vitest"
import { importForeignKeySet } from "../src/internal/keys/foreignKeySet.ts"

const folder = fileURLToPath(new URL("../../../../shared/data/wycheproof/", import.meta.url))
const present = existsSync(folder)

interface Group {
  readonly comment: string
  readonly public?: Readonly<Record<string, unknown>>
  readonly tests: ReadonlyArray<{
    readonly tcId: number
    readonly comment: string
    readonly jws?: unknown
    readonly result: string
    readonly flags: ReadonlyArray<string>
  }>
}

const groupsOf = (name: string): ReadonlyArray<Group> =>
  JSON.parse(readFileSync(`${folder}${name}_test.json`, "utf8")).testGroups

/** What we make of a signature of somebody else, with the key that the group says. */
const verifies = async (key: unknown, jws: unknown): Promise<boolean> => {
  if (typeof jws !== "string") return false
  const keys = typeof key === "object" && key !== null && "keys" in key ? key : { keys: [key] }
  const set = await importForeignKeySet(keys)
  if (Result.isFailure(set)) return false
  try {
    const { alg = "", kid } = decodeProtectedHeader(jws)
    const found = set.success.find(kid === undefined ? { alg } : { alg, kid })
    if (found === undefined) return false
    await compactVerify(jws, found, { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!present)("signatures of others (needs vectors)", () => {
  it.each(["json_web_signature", "json_web_key", "json_web_crypto"])(
    "of %s are believed only where they are right",
    async (name) => {
      const wrong: Array<string> = []
      let right = 0
      for (const group of groupsOf(name)) {
        if (group.public === undefined) continue
        for (const test of group.tests) {
          const good = await verifies(group.public, test.jws)
          if (good && test.result !== "valid") wrong.push(`${test.tcId} ${group.comment}: ${test.comment}`)
          if (good && test.result === "valid") right++
        }
      }
      expect(wrong).toEqual([])
      expect(right).toBeGreaterThan(0)
    }
  )
})
