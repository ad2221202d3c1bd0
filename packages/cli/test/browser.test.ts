import { assert, describe, it } from "vitest"
import { browseBy, browserCommand } from "../src/internal/browser.ts"

describe("a browser of this machine", () => {
  it("is what the system has, or what BROWSER says", () => {
    const of = (platform: NodeJS.Platform, env: Record<string, string>) => browserCommand(platform, env)?.program
    assert.strictEqual(of("darwin", {}), "open")
    assert.strictEqual(of("win32", {}), "rundll32")
    assert.strictEqual(of("linux", { DISPLAY: ":0" }), "xdg-open")
    assert.strictEqual(of("linux", { WAYLAND_DISPLAY: "wayland-0" }), "xdg-open")
    assert.strictEqual(of("linux", { BROWSER: "firefox", SSH_CONNECTION: "1" }), "firefox")
  })

  it("is none without a screen, over SSH, and where BROWSER is none", () => {
    assert.isUndefined(browserCommand("linux", {}))
    assert.isUndefined(browserCommand("linux", { DISPLAY: "" }))
    assert.isUndefined(browserCommand("darwin", { SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" }))
    assert.isUndefined(browserCommand("linux", { DISPLAY: ":0", BROWSER: "none" }))
  })

  it("has opened unless its program is not there or fails", async () => {
    const by = (program: string, ...args: ReadonlyArray<string>) => browseBy({ program, args })("http://localhost/")
    assert.isFalse(await by("/nonexistent/browser"))
    assert.isFalse(await by(process.execPath, "-e", "process.exit(3)"))
    assert.isTrue(await by(process.execPath, "-e", ""))
  })
})
