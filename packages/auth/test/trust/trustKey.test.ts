import { describe, expect, it } from "@effect/vitest"
import { formatTrustKey, generateTrustKey, parseTrustKey, trustKeyOf } from "@portico/auth/trust"
import { Result } from "effect"

describe("a trust key", () => {
  it("has the public key that RFC 8032 says (section 7.1, test 1)", () => {
    const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    expect(trustKeyOf(seed)).toEqual(
      Result.succeed({
        privateKey: seed,
        publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
      })
    )
  })

  it("is another one each time, and comes back from its file as it was", () => {
    const [a, b] = [generateTrustKey(), generateTrustKey()]
    expect(a.privateKey).not.toBe(b.privateKey)
    expect(JSON.parse(formatTrustKey(a))).toEqual({ private_key: a.privateKey, public_key: a.publicKey })
    expect(parseTrustKey(formatTrustKey(a))).toEqual(Result.succeed(a))
  })

  it("is refused from a file that is damaged, in words that do not hold it", () => {
    const { privateKey, publicKey } = generateTrustKey()
    for (const file of [
      "",
      "{}",
      "[]",
      "null",
      JSON.stringify({ private_key: 1, public_key: publicKey }),
      JSON.stringify({ private_key: privateKey.slice(1), public_key: publicKey }),
      JSON.stringify({ private_key: privateKey.toUpperCase(), public_key: publicKey }),
      JSON.stringify({ private_key: privateKey }),
      JSON.stringify({ private_key: privateKey, public_key: generateTrustKey().publicKey })
    ]) {
      const parsed = parseTrustKey(file)
      expect([file, Result.isFailure(parsed)]).toEqual([file, true])
      expect(JSON.stringify(parsed)).not.toContain(privateKey)
    }
  })
})
