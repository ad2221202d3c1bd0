import { describe, expect, it } from "@effect/vitest"
import { addressKey } from "../../src/internal/limits/addressKey.ts"

describe("what an address counts as", () => {
  it("is itself where it is one of IPv4, however it is written", () => {
    expect(addressKey("203.0.113.7")).toBe("203.0.113.7")
    expect(addressKey("::ffff:203.0.113.7")).toBe("203.0.113.7")
  })

  it("is its /64 where it is one of IPv6, of which one customer has all", () => {
    const same = ["2001:db8:1:2::1", "2001:DB8:1:2:ffff:1:2:3", "2001:0db8:0001:0002::", "2001:db8:1:2:0:0:0:9"]
    expect(new Set(same.map(addressKey))).toEqual(new Set(["2001:db8:1:2"]))
    expect(addressKey("2001:db8:1:3::1")).toBe("2001:db8:1:3")
    expect(addressKey("2001:db8::1")).toBe("2001:db8:0:0")
    expect(addressKey("::1")).toBe("0:0:0:0")
    expect(addressKey("fe80::1%eth0")).toBe("fe80:0:0:0")
  })
})
