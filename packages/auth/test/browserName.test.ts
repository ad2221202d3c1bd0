import { describe, expect, it } from "vitest"
import { browserName } from "../src/internal/pages/browserName.ts"

const agents = [
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Edge 142 on Windows"
  ],
  [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Chrome 142 on Android"
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Safari 26 on macOS"
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7 Mobile/15E148 Safari/604.1",
    "Chrome 142 on iOS"
  ],
  ["curl/8.5.0", "curl/8.5.0"]
] as const

describe("a browser's name", () => {
  it.each(agents)("of %s is %s", (agent, name) => expect(browserName(agent)).toBe(name))

  it("is unknown where nothing was said", () => expect(browserName(null)).toBe("unknown browser"))
})
