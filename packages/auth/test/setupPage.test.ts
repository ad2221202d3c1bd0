import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { makeSetupPage } from "../src/internal/setupPage.ts"

const { headers, html } = makeSetupPage()
const policy = headers["content-security-policy"] ?? ""

const between = (tag: string): ReadonlyArray<string> =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))].map((match) => match[1] ?? "")

describe("the page behind the one-time link", () => {
  it("runs its own script and style and nothing else", () => {
    for (const tag of ["script", "style"]) {
      const [source, ...more] = between(tag)
      expect(more).toEqual([])
      expect(policy).toContain(
        `${tag}-src 'sha256-${createHash("sha256")
          .update(source ?? "")
          .digest("base64")}'`
      )
    }
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(html).not.toMatch(/ on\w+=| style=|src=|href=/)
  })

  it("cannot be framed, cached, or sent anywhere as a form", () => {
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'none'")
    expect(headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" })
  })

  it("shows what it is sent as text only", () => {
    expect(between("script").join()).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval/)
  })

  it("has a script that a browser can parse", () => {
    expect(() => new Function(between("script").join())).not.toThrow()
  })

  it("labels what is to be filled in, and says aloud what went wrong", () => {
    const ids = [...html.matchAll(/<input id="([^"]+)"/g)].map((match) => match[1])
    expect(ids.length).toBe(2)
    for (const id of ids) expect(html).toContain(`<label for="${id}">`)
    expect(html).toContain('<html lang="en">')
    expect(html).toContain('role="alert"')
  })
})
