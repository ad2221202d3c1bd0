import { describe, expect, it } from "@effect/vitest"
import { originOf } from "../../src/internal/socket/origin.ts"

describe("whose pages may open a socket", () => {
  const publicUrl = "https://portico.example"

  it("any client that is no page, and the instance's own pages", () => {
    const rules = { corsOrigins: [] }
    expect(originOf(undefined, "localhost:4000", rules)).toBe("own")
    expect(originOf("http://localhost:4000", "localhost:4000", rules)).toBe("own")
    expect(originOf("http://LOCALHOST:4000".toLowerCase(), "LocalHost:4000", rules)).toBe("own")
    expect(originOf("http://localhost:4001", "localhost:4000", rules)).toBeUndefined()
    expect(originOf("null", "localhost:4000", rules)).toBeUndefined()
    expect(originOf("", "localhost:4000", rules)).toBeUndefined()
    expect(originOf("http://localhost:4000", undefined, rules)).toBeUndefined()
  })

  it("with the scheme of the public URL, where people come by that", () => {
    const rules = { publicUrl, corsOrigins: [] }
    expect(originOf("https://portico.example", "portico.example", rules)).toBe("own")
    expect(originOf("http://portico.example", "portico.example", rules)).toBeUndefined()
    expect(originOf("http://localhost:4000", "localhost:4000", rules)).toBe("own")
  })

  it("those that are listed; and where any may call, any, but not as whoever the cookies say", () => {
    expect(originOf("https://app.example", "x", { corsOrigins: ["https://app.example"] })).toBe("listed")
    expect(originOf("https://app.example", "x", { corsOrigins: ["*"] })).toBe("any")
    expect(originOf("null", "x", { corsOrigins: ["*"] })).toBeUndefined()
  })
})
