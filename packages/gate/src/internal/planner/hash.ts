import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import type { Plan } from "../../Plan.ts"

/** What a plan says of a product, whatever its settings are set to and wherever its code lies. */
type Hashed = Omit<Plan, "warnings" | "hash" | "runtime">

/** SHA-256 (FIPS 180-4) in hex over JSON with sorted keys. */
export const hashPlan = (plan: Hashed): string => {
  const settings = plan.settings.map(({ env, flag, key, owner, secret, type }) => ({
    env,
    flag,
    key,
    owner,
    secret,
    type
  }))
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify({ ...plan, settings }, sortKeys))))
}

const sortKeys = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
