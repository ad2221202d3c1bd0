import { describe, expect, it } from "vitest"
import { isSameRedirect, mayRegister } from "../src/internal/oauth/redirects.ts"

describe("a redirect URI", () => {
  it("may be https, loopback, or an app's own scheme", () => {
    for (const uri of ["https://a.example/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "com.example.app:/cb"]) {
      expect(mayRegister(uri)).toBe(true)
    }
    for (const uri of [
      "http://a.example/cb",
      "javascript:alert(1)",
      "data:text/html,x",
      "https://a.example/cb#x",
      "https://u:p@a.example/",
      "https://*.example/",
      "/cb"
    ]) {
      expect(mayRegister(uri)).toBe(false)
    }
  })

  it("is the registered one letter by letter, but for the port on loopback", () => {
    expect(isSameRedirect("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb")).toBe(true)
    expect(isSameRedirect("https://a.example/cb", "https://a.example/cb")).toBe(true)
    for (const [known, asked] of [
      ["https://a.example/cb", "https://a.example/cb/"],
      ["https://a.example/cb", "https://a.example:8443/cb"],
      ["https://a.example/cb", "https://a.example.evil/cb"],
      ["https://a.example/cb", "https://a.example/CB"],
      ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x=1"],
      ["http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"],
      ["http://127.0.0.1/cb", "http://localhost:1/cb"],
      ["http://127.0.0.1/cb", "https://127.0.0.1:1/cb"]
    ] as const) {
      expect(isSameRedirect(known, asked)).toBe(false)
    }
  })
})
